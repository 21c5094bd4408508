// @engine
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES } from '../../src/domain/runtime-name.ts'
import { dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { endInPeace, startGateway, until } from './gateway.ts'
import { madeUpRegistry, needs, TELLS_VERSION } from './library.ts'

const suiteOf = suite('many at once')
const need = dockerNeed()
const test = needing(suiteOf, need)
const registry = need.missing === null ? await madeUpRegistry() : null
const PREWARM = 1
const gateway =
  registry === null
    ? null
    : await startGateway({ FAAS_NPM_REGISTRY: registry.url, FAAS_DOCKER_PREWARM: String(PREWARM) })
const CALLS = 50
const MAX = 3
/** Keeps its container for itself for a moment. */
const CODE = {
  python: 'import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return "here"',
  node: 'export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 50)); return "here" }',
}

for (const language of LANGUAGES) {
  test(`${language}: ${CALLS} parallel first calls of a cold function take no more than max_instances`, async () => {
    const limits = { max_instances: MAX, concurrency: 1, idle_ms: 200 }
    const { callback_id: id } = await gateway!.register({
      path: `cold-${language}`,
      type: language,
      code: CODE[language],
      limits,
    })
    await gateway!.deploy(id, 'docker')
    const live = async () => {
      const answer = await gateway!.api(`/callbacks/${id}/instances`)
      return ((await answer.json()) as { instances: unknown[] }).instances.length
    }
    await until(async () => ((await live()) === 0 ? true : undefined), 'it to be cold')
    let most = 0
    let containers = 0
    let watching = true
    const watch = (async () => {
      while (watching) {
        const [instances, all] = await Promise.all([live(), gateway!.containers()])
        most = Math.max(most, instances)
        const theirs = all.filter(({ role, state }) => role !== 'guard' && state === 'running')
        containers = Math.max(containers, theirs.length)
      }
    })()
    const answers = await Promise.all(
      Array.from({ length: CALLS }, async () => {
        const answer = await gateway!.call(`cold-${language}`)
        return `${answer.status} ${await answer.text()}`
      }),
    )
    watching = false
    await watch
    assert.equal([...new Set(answers)], ['200 "here"'])
    assert.ok(most >= 1 && most <= MAX, `${most} instances`)
    assert.ok(containers <= MAX + PREWARM, `${containers} containers, ${PREWARM} of them waiting`)
    await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
  })
}

test('two deploys of different functions at once both come through', async () => {
  const fields = { code: TELLS_VERSION, library: needs('1.0.0') }
  const ids = await Promise.all(
    ['left', 'right'].map(async (path) => (await gateway!.register({ ...fields, path })).callback_id),
  )
  await Promise.all(ids.map((id) => gateway!.deploy(id, 'docker')))
  for (const path of ['left', 'right'])
    assert.equal(await (await gateway!.call(path)).json(), { version: '1.0.0' })
  for (const id of ids) await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
})

test('two deploys of one function at once: one of them is told that a build runs', async () => {
  const fields = { path: 'twice', code: TELLS_VERSION, library: needs('2.0.0') }
  const { callback_id: id } = await gateway!.register(fields)
  const json = { callback_id: id, status: true, c_type: 'docker' }
  const answers = await Promise.all(
    [0, 1].map(() => gateway!.api('/deploy?wait=30', { method: 'POST', json })),
  )
  assert.equal(answers.map(({ status }) => status).sort(), [200, 409])
  assert.equal(await (await gateway!.call('twice')).json(), { version: '2.0.0' })
  await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
})

test('deploys, calls and undeploys that cross one another leave nothing', async () => {
  const fields = { path: 'crossing', type: 'python', code: CODE.python }
  const { callback_id: id } = await gateway!.register(fields)
  for (let round = 0; round < 3; round++) {
    await gateway!.deploy(id, 'docker')
    const calls = Array.from({ length: 5 }, () => gateway!.call('crossing').then(({ status }) => status))
    await gateway!.api('/deploy', { method: 'POST', json: { callback_id: id, status: false } })
    for (const status of await Promise.all(calls)) assert.ok([200, 404].includes(status), `${status}`)
  }
  await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
  await until(
    async () => ((await gateway!.containers()).length === 0 ? true : undefined),
    'no container to be left',
  )
})

endInPeace(suiteOf, test, gateway)

suiteOf.after(async () => {
  await registry?.[Symbol.asyncDispose]()
})
suiteOf.run()
