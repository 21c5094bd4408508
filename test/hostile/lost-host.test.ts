// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type TestServer } from '../support/server.ts'
import { skip } from '../support/skip.ts'
import { CAN_LOOK, familyOf } from './processes.ts'

const test = suite('a host process that is killed under load')

/** Generous: how long calls may fail or wait afterwards is measured by the bench, and printed here. Milliseconds. */
const BACK_WITHIN = 3000
/** Until the gateway hears of it, calls are still sent to the process that is gone. Milliseconds. */
const NOTICED = 100
const CALLERS = 8

interface Outcome {
  readonly method: string
  readonly status: number
  readonly code: string | null
  readonly blame: string | null
  readonly began: number
  readonly ended: number
}

const CODE = `export default async (request) => {
  await new Promise((resolve) => setTimeout(resolve, 10))
  return new Response(await request.text())
}`

function hostsOf(server: TestServer): number[] {
  return familyOf(server.pid)
    .filter(({ command }) => command.includes('--permission'))
    .map(({ pid }) => pid)
}

async function once(server: TestServer, path: string, method: string): Promise<Outcome> {
  const began = performance.now()
  const answer = await server.call(path, method === 'POST' ? { method, body: 'x' } : { method })
  const text = await answer.text()
  const problem = answer.status >= 400 ? JSON.parse(text) : {}
  return {
    method,
    status: answer.status,
    code: problem.code ?? null,
    blame: problem.blame ?? null,
    began,
    ended: performance.now(),
  }
}

for (const hosts of [1, 2]) {
  const name = `of ${hosts}: only its own calls fail, the platform is to blame, and it is back at once`
  if (!CAN_LOOK) {
    skip(test, name, { name: 'proc', missing: 'no /proc to find the process in' })
    continue
  }
  test(name, async () => {
    await using server = await startServer({ FAAS_ISOLATE_HOSTS: String(hosts) })
    const paths: string[] = []
    for (let index = 0; index < 4; index++) {
      const { callback_id, path } = await server.register({ path: `work-${index}`, code: CODE })
      await server.deploy(callback_id, 'isolate')
      paths.push(path)
    }
    const outcomes: Outcome[] = []
    let stopped = false
    const caller = async (index: number) => {
      const method = index % 2 === 0 ? 'GET' : 'POST'
      while (!stopped) outcomes.push(await once(server, paths[index % paths.length]!, method))
    }
    const callers = Array.from({ length: CALLERS }, (_, index) => caller(index))
    const until = async (done: () => boolean, what: string) => {
      const end = performance.now() + 20_000
      while (!done()) {
        if (performance.now() > end) throw new Error(`waited 20 s until ${what}`)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    await until(() => outcomes.length > 100, 'a hundred calls were answered')
    const victim = hostsOf(server)[0]!
    const before = outcomes.length
    const killedAt = performance.now()
    process.kill(victim, 'SIGKILL')
    const answered = () =>
      outcomes.slice(before).filter(({ status, began }) => status === 200 && began > killedAt)
    await until(() => answered().length > 200, 'two hundred calls were answered again')
    stopped = true
    await Promise.all(callers)

    const failed = outcomes.filter(({ status }) => status !== 200)
    for (const one of failed) {
      assert.is(one.status, 503, JSON.stringify(one))
      assert.is(one.blame, 'platform')
      assert.is(one.method, 'POST', 'what may be tried again is')
      assert.is(one.code, 'instance_lost', 'a call that came later waits for the next host')
      assert.ok(one.began <= killedAt + NOTICED, 'only calls in flight fail')
    }
    assert.ok(failed.length <= CALLERS, `${failed.length} calls failed`)
    const back = Math.min(...answered().map(({ ended }) => ended)) - killedAt
    const slowest = Math.max(...answered().map(({ began, ended }) => ended - began))
    console.log(
      `  ${hosts} hosts: ${failed.length} calls failed, the first was answered after ${Math.round(back)} ms, the slowest later one took ${Math.round(slowest)} ms`,
    )
    assert.ok(back <= BACK_WITHIN, `back after ${Math.round(back)} ms`)
    assert.not.ok(hostsOf(server).includes(victim))
    assert.is(hostsOf(server).length, hosts, 'it was replaced')
  })
}

test.run()
