import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import { artifact, BUILD_ERROR, build, callbackInput, deployAgain, deployed, rejection } from '../fixtures.ts'

export function buildCases(test: Case): void {
  test('a build opens with a copy of its callback', async ({ callbacks, deployments }) => {
    const input = callbackInput({
      path: 'a/:b',
      method: 'ANY',
      code: 'code\0',
      library: '{}',
      env: { A: '1' },
      limits: { memory_mb: 64 },
      response_mode: 'envelope',
    })
    const { callback_id } = await callbacks.create(input)
    const opened = await deployments.open(callback_id, { ...build('me', 5e12), c_type: 'isolate' })
    const { chat_id: _, ...copied } = input
    assert.equal(opened, {
      ...copied,
      callback_id,
      version: 1,
      runtime: 'isolate',
      artifact: null,
      status: 'build',
      step: 'validate',
      error: null,
      timings: {},
      owner: 'me',
      lease_until: 5e12,
      created_at: opened.created_at,
      finished_at: null,
    })
    assert.equal(await deployments.get(callback_id, 1), opened)
    assert.equal(await deployments.open_builds(), [opened])
    const callback = await callbacks.get(callback_id)
    assert.equal([callback?.status, callback?.c_type, callback?.version], ['build', 'isolate', null])
  })

  test('a lost build is taken over by one of those that try', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    const { version } = await deployments.open(callback_id, { ...build('dead', 1), c_type: 'auto' })
    const from = { owner: 'dead', lease_until: 1 }
    const tries = ['first', 'second', 'third'].map((owner) =>
      deployments.takeOver(callback_id, version, from, { owner, lease_until: 5e12 }),
    )
    assert.is((await Promise.all(tries)).filter(Boolean).length, 1)
    const taken = await deployments.get(callback_id, version)
    assert.is.not(taken?.owner, 'dead')
    assert.is(taken?.lease_until, 5e12)
    assert.is(
      await deployments.takeOver(callback_id, version, from, { owner: 'late', lease_until: 6e12 }),
      false,
    )
  })

  test('one build of a callback runs at a time', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => deployments.open(callback_id, build(`owner-${index}`))),
    )
    assert.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.is(outcome.reason.name, 'BuildRunning')
    }
    assert.is((await deployments.list(callback_id)).length, 1)
    assert.is((await rejection(deployments.open(9, build()))).what, 'callback')
    assert.is((await callbacks.get(callback_id))?.c_type, 'auto')
  })

  test('a build whose lease has run out makes way for the next', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.open(callback_id, build('gone', Date.now() - 1))
    await deployments.progress(callback_id, 1, { step: 'bundle' })
    assert.is((await deployments.open(callback_id, build('next'))).version, 2)
    const lost = await deployments.get(callback_id, 1)
    assert.is(lost!.status, 'failed')
    assert.equal([lost!.error?.code, lost!.error?.step], ['build_lost', 'bundle'])
    assert.type(lost!.finished_at, 'string')
    assert.is(await deployments.activate(callback_id, 1, 'gone', {}), false, 'it comes too late')
    assert.is((await callbacks.get(callback_id))?.status, 'build')
  })

  test('progress is kept, and renews the lease', async ({ callbacks, deployments, artifacts }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.open(callback_id, build('me', Date.now() - 1))
    await artifacts.put(artifact('d1'))
    const patch = {
      step: 'boot',
      runtime: 'worker',
      artifact: 'd1',
      timings: { bundle: 1.5 },
      owner: 'other',
      lease_until: Date.now() + 60_000,
    } as const
    await deployments.progress(callback_id, 1, patch)
    await deployments.progress(callback_id, 1, {})
    const record = await deployments.get(callback_id, 1)
    assert.equal({ ...record, ...patch }, record)
    assert.is((await rejection(deployments.open(callback_id, build()))).name, 'BuildRunning')
    await deployments.activate(callback_id, 1, 'other', {})
    await deployments.progress(callback_id, 1, { step: 'validate' })
    assert.is((await deployments.get(callback_id, 1))?.step, 'activate', 'it has ended')
  })

  test('an artifact that was never put cannot be named', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.open(callback_id, build())
    const error = await rejection(deployments.progress(callback_id, 1, { artifact: 'nowhere' }))
    assert.is(error.name, 'StoreError')
    assert.is((await deployments.get(callback_id, 1))?.artifact, null)
  })

  test('an activated version serves and retires the one before', async (store) => {
    const { callbacks, deployments } = store
    const id = await deployed(store)
    assert.is(await deployAgain(store, id), 2)
    const callback = await callbacks.get(id)
    assert.equal([callback?.status, callback?.version], ['deployed', 2])
    const [second, first] = await deployments.list(id)
    assert.equal([second?.status, second?.step, second?.timings], ['active', 'activate', { total: 1 }])
    assert.type(second?.finished_at, 'string')
    assert.is(first?.status, 'retired')
    assert.equal(
      (await deployments.active()).map(({ callback_id, version }) => [callback_id, version]),
      [[id, 2]],
    )
    assert.equal(await deployments.open_builds(), [])
  })

  test('only the owner of an open build activates it, once', async (store) => {
    const { callbacks, deployments } = store
    const id = await deployed(store)
    await deployments.open(id, build('me'))
    const revision = await store.revision()
    assert.is(await deployments.activate(id, 2, 'someone else', {}), false)
    assert.is(await deployments.activate(id, 3, 'me', {}), false)
    assert.is(await deployments.activate(99, 2, 'me', {}), false)
    assert.is(await store.revision(), revision, 'nothing changed')
    const during = await callbacks.get(id)
    assert.equal([during?.status, during?.version], ['build', 1])
    assert.is(await deployments.activate(id, 2, 'me', {}), true)
    assert.is(await deployments.activate(id, 2, 'me', {}), false)
    assert.is((await callbacks.get(id))?.version, 2)
    await deployments.open(id, build('me'))
    await callbacks.delete(id, { force: true })
    assert.is(await deployments.activate(id, 3, 'me', {}), false)
  })

  test('a failed build keeps what served before', async (store) => {
    const { callbacks, deployments } = store
    const id = await deployed(store)
    await deployments.open(id, build())
    await deployments.fail(id, 2, BUILD_ERROR, { validate: 2, total: 3 })
    const callback = await callbacks.get(id)
    assert.equal([callback?.status, callback?.version], ['failed', 1])
    const failed = await deployments.get(id, 2)
    assert.equal(
      [failed?.status, failed?.error, failed?.timings],
      ['failed', BUILD_ERROR, { validate: 2, total: 3 }],
    )
    assert.type(failed?.finished_at, 'string')
    assert.is((await deployments.active())[0]?.version, 1)
    assert.is((await deployments.open(id, build())).version, 3)
  })

  test('a build that has ended cannot fail any more', async (store) => {
    const id = await deployed(store)
    await store.deployments.fail(id, 1, BUILD_ERROR, {})
    await store.deployments.fail(id, 7, BUILD_ERROR, {})
    assert.is((await store.deployments.get(id, 1))?.status, 'active')
    assert.is((await store.callbacks.get(id))?.status, 'deployed')
  })

  test('a retired callback serves no more', async (store) => {
    const { deployments } = store
    const id = await deployed(store)
    const callback = await deployments.retire(id)
    assert.equal([callback.status, callback.version], ['undeployed', null])
    assert.is((await deployments.get(id, 1))?.status, 'retired')
    assert.equal(await deployments.active(), [])
    assert.is((await rejection(deployments.retire(99))).what, 'callback')
    assert.is(await deployAgain(store, id), 2)
  })

  test('a callback is not retired while it is built', async (store) => {
    const { deployments, callbacks } = store
    const id = await deployed(store)
    await deployments.open(id, build())
    assert.is((await rejection(deployments.retire(id))).name, 'BuildRunning')
    assert.equal([(await callbacks.get(id))?.version, (await deployments.active()).length], [1, 1])
    await deployments.progress(id, 2, { lease_until: Date.now() - 1 })
    assert.is((await deployments.retire(id)).status, 'undeployed')
    assert.is((await deployments.get(id, 2))?.error?.code, 'build_lost')
  })

  test('a version is not used again, even when its callback is made anew', async (store) => {
    await store.callbacks.create(callbackInput(), 1001)
    assert.is(await deployAgain(store, 1001), 1)
    await store.callbacks.delete(1001)
    await store.callbacks.create(callbackInput(), 1001)
    assert.is(await deployAgain(store, 1001), 2)
  })

  test('a status can be set', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.setStatus(callback_id, 'failed')
    assert.is((await callbacks.get(callback_id))?.status, 'failed')
    await deployments.setStatus(99, 'failed')
  })
}
