// @engine
// @node
// @slow
// @timeout 180
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES } from '../../src/domain/runtime-name.ts'
import { docker, dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { type DockerGateway, startGateway, stopped, until } from './gateway.ts'
import { madeUpRegistry, needs, TELLS_VERSION } from './library.ts'
import { deployProbe, type Probe } from './probe.ts'

const suiteOf = suite('the end of a gateway')
const need = dockerNeed()
const test = needing(suiteOf, need)
const registry = need.missing === null ? await madeUpRegistry() : null
const dataDir = await mkdtemp(path.join(tmpdir(), 'faas-orphans-'))
const settings = { FAAS_NPM_REGISTRY: registry?.url ?? '' }
const start = () => startGateway(settings, { dataDir })
/** Loops for ever, so that nothing in its process hears of the end of its input. */
const BUSY = { python: 'while True:\n    pass', node: 'for (;;);' }
const SLEEP = {
  python: 'import time\ntime.sleep(2)\nreturn "slept"',
  node: "await new Promise((resolve) => setTimeout(resolve, 2000))\nreturn 'slept'",
}
let gateway: DockerGateway | null = null
const probes: Probe[] = []

async function underWay(server: DockerGateway, { callbackId }: Probe): Promise<void> {
  await until(async () => {
    const answer = await server.api(`/callbacks/${callbackId}/instances`)
    const { instances } = (await answer.json()) as { instances: { in_flight: number }[] }
    return instances.some(({ in_flight }) => in_flight > 0) ? true : undefined
  }, 'the call to be under way')
}

const running = async (server: DockerGateway) =>
  (await server.containers()).filter(({ state }) => state === 'running')

test('after kill -9 containers end by themselves, busy ones of Python too', async () => {
  gateway = await start()
  for (const language of LANGUAGES)
    probes.push(await deployProbe(gateway, language, { path: `orphan-${language}` }))
  const library = { path: 'library', code: TELLS_VERSION, library: needs('1.0.0') }
  await gateway.deploy((await gateway.register(library)).callback_id, 'docker')
  const python = probes.find(({ path: name }) => name === 'orphan-python')!
  void python.answer(BUSY.python).catch(() => undefined)
  await underWay(gateway, python)
  assert.ok((await running(gateway)).length >= 4)
  await gateway.kill()
  await until(
    async () => ((await running(gateway!)).length === 0 ? true : undefined),
    'every container to end by itself',
    10_000,
  )
})

test('the next gateway serves everything again', async () => {
  gateway = await start()
  for (const probe of probes) {
    const answer = await gateway.call(probe.path, {
      method: 'POST',
      body: 'return "again"',
      headers: { 'content-type': 'text/plain' },
    })
    assert.equal(await answer.json(), { found: 'again' })
  }
  assert.equal(await (await gateway.call('library')).json(), { version: '1.0.0' })
})

test('after kill -9 one that hangs in a busy loop is swept by the next gateway', async () => {
  const before = gateway!
  const node = probes.find(({ path: name }) => name === 'orphan-node')!
  void before.call(node.path, { method: 'POST', body: BUSY.node }).catch(() => undefined)
  await underWay(before, node)
  await before.kill()
  const orphans = await until(async () => {
    const left = await running(before)
    return left.length === 1 ? left : undefined
  }, 'the others to end')
  gateway = await start()
  const id = orphans[0]!.id
  await until(async () => {
    const found = await docker('inspect', '--format', '{{.State.Running}}', id).catch(() => 'false')
    return found === 'false' ? true : undefined
  }, 'the orphan to be swept')
  assert.is((await gateway.call(node.path, { method: 'POST', body: 'return 1' })).status, 200)
})

test('what was deployed last by a dead gateway can be undeployed by the next', async () => {
  const list = (await (await gateway!.api('/callbacks')).json()) as { callback_id: number; path: string }[]
  const { callback_id: id } = list.find(({ path: name }) => name === 'library')!
  await gateway!.api('/deploy', { method: 'POST', json: { callback_id: id, status: false } })
  await until(
    async () => ((await gateway!.parts()).some((line) => line.startsWith('image ')) ? undefined : true),
    'its image to go',
  )
})

test('what a dead gateway left is gone with the next one, though that knows none of its functions', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-orphans-'))
  const dead = await startGateway(settings, { dataDir: folder })
  await deployProbe(dead, 'python', { path: 'forgotten' })
  await dead.kill()
  assert.ok((await dead.parts()).some((line) => line.startsWith('network ')))
  for (const name of ['faas.db', 'faas.db-wal', 'faas.db-shm'])
    await rm(path.join(folder, name), { force: true })
  const next = await startGateway(settings, { dataDir: folder })
  try {
    assert.is(next.id, dead.id)
    await until(async () => ((await next.parts()).length === 0 ? true : undefined), 'nothing to be left')
  } finally {
    await next.clear()
    await rm(folder, { recursive: true, force: true })
  }
})

test('SIGTERM answers what is in flight, leaves nothing, and ends in good time', async () => {
  const server = gateway!
  const calls = probes.map((probe) => {
    const language = probe.path === 'orphan-python' ? 'python' : 'node'
    return server.call(probe.path, {
      method: 'POST',
      body: SLEEP[language],
      headers: { 'content-type': 'text/plain' },
    })
  })
  for (const call of calls) call.catch(() => undefined)
  for (const probe of probes) await underWay(server, probe)
  const began = performance.now()
  const ending = stopped(server)
  for (const call of calls) {
    const answer = await call
    assert.is(answer.status, 200)
    assert.equal(await answer.json(), { found: 'slept' })
  }
  assert.equal(await ending, { end: { code: 0, signal: null }, left: [] })
  assert.ok(performance.now() - began < 10_000, `it took ${Math.round(performance.now() - began)} ms`)
})

test('SIGTERM during a build and during cold starts leaves nothing', async () => {
  gateway = await start()
  registry!.hang()
  const { callback_id: id } = await gateway.register({
    path: 'building',
    code: TELLS_VERSION,
    library: needs('2.0.0'),
  })
  await gateway.api('/deploy', { method: 'POST', json: { callback_id: id, status: true, c_type: 'docker' } })
  await until(
    async () =>
      (await gateway!.containers('build')).some(({ state }) => state === 'running') ? true : undefined,
    'the installation to be under way',
  )
  const cold = Array.from({ length: 6 }, () =>
    gateway!.call(probes[0]!.path, { method: 'POST', body: 'return 1' }).then(
      ({ status }) => status,
      () => 0,
    ),
  )
  assert.equal(await stopped(gateway), { end: { code: 0, signal: null }, left: [] })
  await Promise.all(cold)
})

test('kill -9 during a build: the next gateway sweeps it and says so of the build', async () => {
  gateway = await start()
  const { callback_id: id } = await gateway.register({
    path: 'killed',
    code: TELLS_VERSION,
    library: needs('2.0.0'),
  })
  await gateway.api('/deploy', { method: 'POST', json: { callback_id: id, status: true, c_type: 'docker' } })
  const [build] = await until(async () => {
    const found = (await gateway!.containers('build')).filter(({ state }) => state === 'running')
    return found.length > 0 ? found : undefined
  }, 'the installation to be under way')
  await gateway.kill()
  gateway = await start()
  await until(async () => {
    const found = await docker('inspect', '--format', '{{.State.Running}}', build!.id).catch(() => 'false')
    return found === 'false' ? true : undefined
  }, 'its container to go')
  const callback = async () => (await (await gateway!.api(`/callbacks/${id}`)).json()) as { status: string }
  assert.ok(['build', 'failed'].includes((await callback()).status), 'it is built again, or failed')
  assert.equal(await stopped(gateway), { end: { code: 0, signal: null }, left: [] })
})

suiteOf.after(async () => {
  await gateway?.clear()
  await registry?.[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})
suiteOf.run()
