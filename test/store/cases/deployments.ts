import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import {
  artifact,
  BUILD_ERROR,
  build,
  callbackInput,
  deployAgain,
  deployed,
  HARD_TEXTS,
} from '../fixtures.ts'

export function deploymentCases(test: Case): void {
  test('versions are listed newest first, without code', async (store) => {
    const id = await deployed(store)
    await deployAgain(store, id)
    await deployed(store, { path: 'other' })
    const list = await store.deployments.list(id)
    assert.equal(
      list.map(({ version, code }) => [version, code]),
      [
        [2, ''],
        [1, ''],
      ],
    )
    assert.equal(await store.deployments.list(99), [])
    assert.is(await store.deployments.get(id, 3), null)
    assert.is((await store.deployments.get(id, 1))?.code, callbackInput().code)
  })

  test('what serves is listed by callback, without code; open builds with it', async (store) => {
    const a = await deployed(store, { path: 'a' })
    const b = await deployed(store, { path: 'b', env: { A: '1' }, limits: { cpu_ms: 5 } })
    await store.deployments.open(a, build())
    const active = await store.deployments.active()
    assert.equal(
      active.map(({ callback_id, code }) => [callback_id, code]),
      [
        [a, ''],
        [b, ''],
      ],
    )
    assert.equal([active[1]?.env, active[1]?.limits], [{ A: '1' }, { cpu_ms: 5 }])
    const [open, ...others] = await store.deployments.open_builds()
    assert.equal([open?.callback_id, open?.version, open?.code], [a, 2, callbackInput().code])
    assert.equal(others, [])
  })

  test('the newest version with the same library and an artifact is found', async (store) => {
    const library = '{"dependencies":{"a":"1"}}'
    const id = await deployed(store, { library }, artifact('d1'))
    await deployAgain(store, id, artifact('d2'))
    await store.deployments.open(id, build())
    await store.deployments.fail(id, 3, BUILD_ERROR, {})
    await store.callbacks.update(id, { library: 'other' })
    await deployAgain(store, id, artifact('d4'))
    assert.is((await store.deployments.withLibrary(id, library))?.version, 2)
    assert.is((await store.deployments.withLibrary(id, 'other'))?.artifact, 'd4')
    assert.is(await store.deployments.withLibrary(id, 'never'), null)
    assert.is(await store.deployments.withLibrary(99, library), null)
  })

  test('a build log keeps its lines in order', async (store) => {
    const { deployments } = store
    const id = await deployed(store)
    assert.equal(await deployments.log(id, 1), [])
    await deployments.appendLog(id, 1, ['first', 'second'])
    await deployments.appendLog(id, 1, [])
    await deployments.appendLog(id, 1, Object.values(HARD_TEXTS))
    assert.equal(await deployments.log(id, 1), ['first', 'second', ...Object.values(HARD_TEXTS)])
    await deployments.appendLog(id, 2, ['of no version'])
    assert.is(await deployments.log(id, 2), null)
  })

  test('a long build log is kept whole', async (store) => {
    const id = await deployed(store)
    const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${'x'.repeat(4000)}`)
    await store.deployments.appendLog(id, 1, lines)
    assert.equal(await store.deployments.log(id, 1), lines)
  })
}
