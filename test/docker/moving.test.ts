// @engine
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Language } from '../../src/domain/runtime-name.ts'
import { dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { type DockerGateway, endInPeace, startGateway } from './gateway.ts'

const suiteOf = suite('moving a function under a stream of calls')
const need = dockerNeed()
const test = needing(suiteOf, need)
const gateway = need.missing === null ? await startGateway() : null
/** Between two calls of one caller. Milliseconds. */
const PAUSE = 20
const CALLERS = 3

const CODE: Record<Language, (version: number) => string> = {
  node: (version) => `export const handler = async ({ body }) => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    return { version: ${version}, echo: body }
  }`,
  python: (version) => `
import time
def handler(event, context):
    time.sleep(0.01)
    return {"version": ${version}, "echo": event["body"]}`,
}

interface Stream {
  readonly failures: readonly string[]
  /** Answers by the version that gave them. */
  readonly answers: ReadonlyMap<number, number>
  stop(): Promise<void>
}

/** Calls without end and checks each answer: its header against its body, and that no older version comes back. */
function streamOf(server: DockerGateway, path: string): Stream {
  const failures: string[] = []
  const answers = new Map<number, number>()
  let stopped = false
  const caller = async (name: string) => {
    let newest = 0
    for (let call = 0; !stopped; call++) {
      const echo = { call: `${name}-${call}` }
      try {
        const answer = await server.call(path, { json: echo })
        const text = await answer.text()
        const header = Number(answer.headers.get('x-callback-version'))
        const expected = JSON.stringify({ version: header, echo })
        if (answer.status !== 200 || text !== expected) failures.push(`${answer.status} v${header} ${text}`)
        if (header < newest) failures.push(`version ${header} after ${newest}`)
        newest = Math.max(newest, header)
        answers.set(header, (answers.get(header) ?? 0) + 1)
      } catch (error) {
        failures.push(String(error))
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }
  const callers = Array.from({ length: CALLERS }, (_, at) => caller(`caller ${at}`))
  return {
    failures,
    answers,
    async stop() {
      stopped = true
      await Promise.all(callers)
    },
  }
}

async function moved(language: Language, path: string, runtimes: readonly string[]): Promise<void> {
  const code = CODE[language]
  const { callback_id: id } = await gateway!.register({ path, type: language, code: code(1) })
  await gateway!.deploy(id, runtimes[0])
  const stream = streamOf(gateway!, path)
  for (const [at, runtime] of runtimes.slice(1).entries()) {
    await gateway!.api(`/callbacks/${id}`, { method: 'PUT', json: { code: code(at + 2) } })
    const { version } = await gateway!.deploy(id, runtime)
    assert.is(version, at + 2)
    const begun = stream.answers.get(at + 2) ?? 0
    for (let waited = 0; (stream.answers.get(at + 2) ?? 0) < begun + 20 && waited < 400; waited++)
      await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await stream.stop()
  assert.equal(stream.failures, [])
  for (let version = 1; version <= runtimes.length; version++)
    assert.ok((stream.answers.get(version) ?? 0) >= 1, `version ${version} answered`)
  const list = (await (await gateway!.api(`/callbacks/${id}/deployments`)).json()) as { runtime: string }[]
  assert.equal(list.map(({ runtime }) => runtime).reverse(), runtimes)
}

test('Node: isolate, docker, isolate, docker, isolate: no failed call', () =>
  moved('node', 'moving', ['isolate', 'docker', 'isolate', 'docker', 'isolate']))

test('Python: from one docker version to the next, twice: no failed call', () =>
  moved('python', 'moving-python', ['docker', 'docker', 'docker']))

test('Node: from one docker version to the next: no failed call', () =>
  moved('node', 'moving-node', ['docker', 'docker']))

endInPeace(suiteOf, test, gateway)

suiteOf.run()
