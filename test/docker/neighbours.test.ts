// @engine
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { type DockerGateway, startGateway, stopped, until } from './gateway.ts'
import { madeUpRegistry, needs } from './library.ts'

const suiteOf = suite('two gateways on one engine')
const need = dockerNeed()
const test = needing(suiteOf, need)
const registry = need.missing === null ? await madeUpRegistry() : null
const settings = { FAAS_NPM_REGISTRY: registry?.url ?? '' }
const [first, second] =
  registry === null ? [null, null] : await Promise.all([startGateway(settings), startGateway(settings)])

async function deployed(gateway: DockerGateway, name: string, version: string): Promise<number> {
  const code = `import version from 'made-up'
export const handler = () => ({ name: ${JSON.stringify(name)}, version })`
  const { callback_id: id } = await gateway.register({ path: 'same', code, library: needs(version) })
  await gateway.deploy(id, 'docker')
  return id
}

const told = async (gateway: DockerGateway) => (await gateway.call('same')).json()
let id = 0

test('the same callback id and version is another function in each', async () => {
  const [one, two] = await Promise.all([
    deployed(first!, 'first', '1.0.0'),
    deployed(second!, 'second', '2.0.0'),
  ])
  assert.is(one, two)
  id = one
  assert.is.not(first!.id, second!.id)
  assert.equal(await told(first!), { name: 'first', version: '1.0.0' })
  assert.equal(await told(second!), { name: 'second', version: '2.0.0' })
})

test('a container started later is made of its own image', async () => {
  for (const gateway of [first!, second!]) {
    const all = (await gateway.containers()).map(({ id: container }) => container)
    await docker('rm', '-f', ...all)
  }
  await until(
    async () => ((await first!.call('same')).status === 200 ? true : undefined),
    'a call of the first',
  )
  await until(
    async () => ((await second!.call('same')).status === 200 ? true : undefined),
    'a call of the second',
  )
  assert.equal(await told(first!), { name: 'first', version: '1.0.0' })
  assert.equal(await told(second!), { name: 'second', version: '2.0.0' })
})

test('what one deletes, the other keeps', async () => {
  const kept = (await second!.parts()).filter((line) => !line.startsWith('container ')).sort()
  assert.ok(kept.some((line) => line.startsWith('image ')))
  assert.is((await first!.api(`/callbacks/${id}`, { method: 'DELETE' })).status, 200)
  await until(async () => ((await first!.parts()).length === 0 ? true : undefined), 'the first to clean up')
  assert.equal((await second!.parts()).filter((line) => !line.startsWith('container ')).sort(), kept)
  assert.equal(await told(second!), { name: 'second', version: '2.0.0' })
})

test('one that starts sweeps nothing of the other, dead or alive', async () => {
  const busy = await second!.register({ path: 'busy', code: 'export const handler = () => { for (;;); }' })
  await second!.deploy(busy.callback_id, 'docker')
  void second!.call('busy').catch(() => undefined)
  await until(async () => {
    const answer = await second!.api(`/callbacks/${busy.callback_id}/instances`)
    const { instances } = (await answer.json()) as { instances: { in_flight: number }[] }
    return instances.some(({ in_flight }) => in_flight > 0) ? true : undefined
  }, 'the busy call')
  await second!.kill()
  const orphan = await until(async () => {
    const left = (await second!.containers()).filter(({ state }) => state === 'running')
    return left.length === 1 ? left[0]! : undefined
  }, 'all but the busy one to end')
  const third = await startGateway(settings)
  try {
    const { callback_id } = await third.register({ path: 'plain', code: 'export const handler = () => 1' })
    await third.deploy(callback_id, 'docker')
    assert.is((await third.call('plain')).status, 200)
    assert.is(await docker('inspect', '--format', '{{.State.Running}}', orphan.id), 'true')
    assert.ok((await second!.parts()).some((line) => line.startsWith('image ')))
    assert.equal(await stopped(third), { end: { code: 0, signal: null }, left: [] })
    assert.is(await docker('inspect', '--format', '{{.State.Running}}', orphan.id), 'true')
  } finally {
    await third.clear()
  }
})

test('the end of one leaves nothing of its own', async () => {
  assert.equal(await stopped(first!), { end: { code: 0, signal: null }, left: [] })
})

suiteOf.after(async () => {
  await first?.clear()
  await second?.clear()
  await registry?.[Symbol.asyncDispose]()
})
suiteOf.run()
