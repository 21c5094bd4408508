import { Buffer } from 'node:buffer'
import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import { artifact, build, callbackInput, deployAgain, deployed } from '../fixtures.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000

export function artifactCases(test: Case): void {
  test('an artifact is read as it was put', async ({ artifacts }) => {
    const whole = new Uint8Array(600).map((_, index) => index % 256)
    const made = {
      kind: 'image',
      digest: 'd1',
      reference: 'registry/name:tag',
      files: { 'main.js': whole.subarray(100, 400), empty: new Uint8Array(0), 'a/ü "x".bin': whole },
    } as const
    await artifacts.put(made)
    await artifacts.put(made)
    const found = await artifacts.get('d1')
    assert.equal(found, { ...made, files: { ...made.files, 'main.js': whole.slice(100, 400) } })
    assert.is(await artifacts.get('d2'), null)
  })

  test('an artifact may have no files and no reference', async ({ artifacts }) => {
    const made = { kind: 'source', digest: 'd1', files: {} } as const
    await artifacts.put(made)
    assert.equal(await artifacts.get('d1'), made)
  })

  test('a large artifact is read as it was put', async ({ artifacts }) => {
    const bytes = new Uint8Array(13 * MIB + 17).map((_, index) => (index * 7 + (index >> 13)) % 256)
    const made = artifact('large', { 'big.bin': bytes, 'exact.bin': bytes.slice(0, 2 * MIB) })
    await Promise.all([artifacts.put(made), artifacts.put(made)])
    await artifacts.put(made)
    const found = await artifacts.get('large')
    assert.equal(Object.keys(found!.files), ['main.js', 'big.bin', 'exact.bin'])
    for (const [name, content] of Object.entries(made.files)) {
      assert.is(Buffer.compare(found!.files[name]!, content), 0, name)
    }
  })

  test('the sweep takes what no version needs any more', async (store) => {
    const { artifacts, deployments } = store
    const id = await deployed(store, {}, artifact('v1'))
    for (const version of [2, 3, 4]) await deployAgain(store, id, artifact(`v${version}`))
    assert.is(await artifacts.sweep(), 1)
    assert.is(await artifacts.get('v1'), null)
    assert.is((await deployments.get(id, 1))?.artifact, null)
    for (const version of [2, 3, 4]) assert.is((await artifacts.get(`v${version}`))?.digest, `v${version}`)
    await store.callbacks.delete(id)
    assert.is(await artifacts.sweep(), 3)
    assert.is(await artifacts.sweep(), 0)
  })

  test('the sweep leaves what serves or is being built, however old', async (store) => {
    const { artifacts, deployments } = store
    const id = await deployed(store, {}, artifact('serving'))
    for (const version of [2, 3, 4, 5]) {
      await deployments.open(id, build())
      await deployments.fail(id, version, { code: 'x', message: 'x', step: 'boot' }, {})
    }
    assert.is(await artifacts.sweep(), 0)
    assert.is((await artifacts.get('serving'))?.digest, 'serving')
  })

  test('one artifact may serve two callbacks', async (store) => {
    const a = await deployed(store, { path: 'a' }, artifact('same'))
    const b = await deployed(store, { path: 'b' }, artifact('same'))
    await store.callbacks.delete(a)
    assert.is(await store.artifacts.sweep(), 0)
    assert.is((await store.deployments.get(b, 1))?.artifact, 'same')
  })

  test('an artifact that no build has named yet is left alone for an hour', async ({
    artifacts,
    ...store
  }) => {
    await artifacts.put(artifact('unnamed'))
    assert.is(await artifacts.sweep(), 0)
    const { callback_id } = await store.callbacks.create(callbackInput())
    await store.deployments.open(callback_id, build())
    await store.deployments.progress(callback_id, 1, { artifact: 'unnamed' })
    await store.callbacks.delete(callback_id, { force: true })
    await artifacts.put(artifact('leftover'))
    assert.is(await artifacts.sweep(), 1, 'it was named')
    const { now } = Date
    Date.now = () => now() + HOUR_MS + 1000
    try {
      assert.is(await artifacts.sweep(), 1)
    } finally {
      Date.now = now
    }
    assert.is(await artifacts.get('leftover'), null)
  })
}
