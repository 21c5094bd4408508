// @engine beside
// @node
// @slow
// @timeout 180
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type TestServer } from '../support/server.ts'
import { needing } from '../support/skip.ts'
import { until } from './gateway.ts'
import { ownEngine, ownEngineNeed } from './own-engine.ts'
import { problem } from './probe.ts'

const suiteOf = suite('an engine that comes and goes')
const need = ownEngineNeed()
const test = needing(suiteOf, need)
const engine = need.missing === null ? await ownEngine() : null
const gateway: TestServer | null =
  engine === null
    ? null
    : await startServer({ FAAS_DOCKER_HOST: engine.host, FAAS_DOCKER_PREWARM: '1', FAAS_EGRESS: 'none' })
const CODE = `
import time
def handler(event, context):
    if event["body"] == "sleep":
        time.sleep(20)
    return "here"`
let id = 0

interface Ready {
  readonly runtimes: Readonly<
    Record<string, { readonly ready: boolean; readonly reason?: string; readonly remedy?: string }>
  >
}

async function dockerOf(): Promise<Ready['runtimes'][string]> {
  const { runtimes } = (await (await gateway!.api('/ready')).json()) as Ready
  return runtimes.docker!
}

async function isolateServes(): Promise<void> {
  const answer = await gateway!.call('beside')
  assert.is(answer.status, 200)
  assert.is(await answer.text(), 'beside')
}

/** The containers of functions that run on the engine now. */
async function containers(): Promise<string[]> {
  const list = await engine!.docker('ps', '--quiet', '--filter', 'label=faas.gateway')
  return list.split('\n').filter((line) => line !== '')
}

test('without an engine it says which was looked for and what to do', async () => {
  const { callback_id } = await gateway!.register({
    path: 'beside',
    code: 'export default () => new Response("beside")',
  })
  await gateway!.deploy(callback_id, 'isolate')
  const docker = await dockerOf()
  assert.is(docker.ready, false)
  assert.match(docker.reason!, engine!.host)
  assert.match(docker.reason!, 'FAAS_DOCKER_HOST')
  assert.match(docker.remedy!, 'start Docker')
  const registered = await gateway!.register({ path: 'function', type: 'python', code: CODE })
  id = registered.callback_id
  for (const cType of ['docker', 'auto']) {
    const said = await gateway!.deploy(id, cType).then(
      () => '',
      (error: Error) => error.message,
    )
    assert.match(said, 'start Docker', cType)
    assert.match(said, engine!.host, cType)
  }
  await isolateServes()
})

test('an engine that starts later is found', async () => {
  await engine!.start()
  await engine!.load('python:3-slim')
  await until(async () => ((await dockerOf()).ready ? true : undefined), 'the engine to be found')
  await gateway!.deploy(id, 'docker')
  assert.is(await (await gateway!.call('function')).json(), 'here')
})

test('an engine that is stopped fails the calls in its containers with the cause', async () => {
  const sleeping = gateway!.call('function', {
    method: 'POST',
    body: 'sleep',
    headers: { 'content-type': 'text/plain' },
  })
  await until(async () => {
    const { instances } = (await (await gateway!.api(`/callbacks/${id}/instances`)).json()) as {
      instances: { in_flight: number }[]
    }
    return instances.some(({ in_flight }) => in_flight > 0) ? true : undefined
  }, 'the call to be under way')
  await engine!.stop('SIGTERM')
  const lost = await problem(await sleeping)
  assert.ok([500, 503].includes(lost.status), `${lost.status}`)
  assert.match(lost.detail, /container|engine/)
  const refused = await gateway!.call('function')
  const { status, code, detail } = await problem(refused)
  assert.is(status, 503)
  assert.is(code, 'start_failed')
  assert.ok(refused.headers.get('retry-after'))
  assert.match(detail, 'start Docker')
  const docker = await dockerOf()
  assert.is(docker.ready, false)
  assert.match(docker.remedy!, 'start Docker')
  await isolateServes()
})

test('started again, it serves again, without a deploy', async () => {
  await engine!.start()
  const answer = await until(async () => {
    const answer = await gateway!.call('function')
    return answer.status === 200 ? answer : undefined
  }, 'a call to be answered')
  assert.is(await answer.json(), 'here')
  assert.is((await dockerOf()).ready, true)
  await until(async () => ((await containers()).length === 2 ? true : undefined), 'a container to wait again')
})

test('an engine that is killed and started again serves again, and old containers are gone', async () => {
  const before = await containers()
  await engine!.stop('SIGKILL')
  const refused = await gateway!.call('function')
  assert.ok([200, 503].includes(refused.status), `${refused.status} ${await refused.text()}`)
  await isolateServes()
  await engine!.start()
  await until(
    async () => ((await gateway!.call('function')).status === 200 ? true : undefined),
    'a call to be answered',
  )
  await until(async () => {
    const now = await containers()
    return before.some((container) => now.includes(container)) ? undefined : true
  }, 'the containers from before to be gone')
})

test('it ends in peace when the engine is gone', async () => {
  await engine!.stop('SIGTERM')
  const began = performance.now()
  assert.equal(await gateway!.stop(), { code: 0, signal: null })
  assert.ok(performance.now() - began < 15_000)
  assert.not.match(gateway!.output(), /outside of any request/)
})

suiteOf.after(async () => {
  await gateway?.kill()
  await engine?.[Symbol.asyncDispose]()
})
suiteOf.run()
