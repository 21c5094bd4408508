import * as assert from 'uvu/assert'
import type { CallbackInput } from '../../../src/domain/callback.ts'
import type { Case } from '../contract.ts'
import {
  build,
  callbackInput,
  deployed,
  HARD_TEXTS,
  instanceExit,
  invocation,
  logLine,
  rejection,
} from '../fixtures.ts'

export function callbackCases(test: Case): void {
  test('a callback is read as it was created', async ({ callbacks }) => {
    const input: CallbackInput = callbackInput({
      path: 'orders/:id/*',
      method: 'POST',
      library: '{"dependencies": {}}',
      env: { KEY: 'value', EMPTY: '' },
      limits: { timeout_ms: 5, mode: 'job' },
      response_mode: 'envelope',
    })
    const created = await callbacks.create(input)
    assert.is(created.callback_id, 1003, 'ids up to 1002 belong to the examples')
    assert.match(created.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.equal(created, {
      ...input,
      callback_id: 1003,
      c_type: null,
      status: 'pending',
      version: null,
      created_at: created.created_at,
      updated_at: created.created_at,
    })
    assert.equal(await callbacks.get(1003), created)
    assert.is(await callbacks.get(1004), null)
  })

  for (const [name, text] of Object.entries(HARD_TEXTS)) {
    test(`${name} in code, library and env comes back as it is`, async ({ callbacks }) => {
      const { callback_id } = await callbacks.create(
        callbackInput({ code: text, library: text, env: { A: text, [`k${text}`]: '' } }),
      )
      const found = await callbacks.get(callback_id)
      assert.is(found!.code, text)
      assert.is(found!.library, text)
      assert.equal(found!.env, { A: text, [`k${text}`]: '' })
    })
  }

  test('the list is in order of id, without code', async ({ callbacks }) => {
    await callbacks.create(callbackInput({ path: 'b' }))
    await callbacks.create(callbackInput({ path: 'a' }))
    await callbacks.create(callbackInput({ path: 'seed' }), 1001)
    const list = await callbacks.list()
    assert.equal(
      list.map(({ callback_id, path, code }) => [callback_id, path, code]),
      [
        [1001, 'seed', ''],
        [1003, 'b', ''],
        [1004, 'a', ''],
      ],
    )
  })

  test('an id is not used again', async ({ callbacks }) => {
    const first = await callbacks.create(callbackInput())
    await callbacks.delete(first.callback_id)
    assert.is((await callbacks.create(callbackInput())).callback_id, first.callback_id + 1)
  })

  test('an id that is given is taken, once', async ({ callbacks }) => {
    assert.is((await callbacks.create(callbackInput(), 1001)).callback_id, 1001)
    const error = await rejection(callbacks.create(callbackInput({ path: 'other' }), 1001))
    assert.is(error.name, 'StoreError')
    assert.match(error.message, 'Cannot create callback 1001: the id is in use')
  })

  test('one callback has a path and method, whatever its parameters are called', async ({ callbacks }) => {
    const { callback_id } = await callbacks.create(callbackInput({ path: 'users/:id/*' }))
    for (const path of ['users/:id/*', 'users/:name/*']) {
      const error = await rejection(callbacks.create(callbackInput({ path })))
      assert.is(error.name, 'PathTaken')
      assert.is(error.callback_id, callback_id)
    }
    await callbacks.create(callbackInput({ path: 'users/:id/*', method: 'POST' }))
    await callbacks.create(callbackInput({ path: 'users/id/*' }))
    await callbacks.create(callbackInput({ path: 'Users/:id/*' }))
  })

  test('a chatroom that is named must exist, and names its new callback', async ({
    callbacks,
    chatrooms,
  }) => {
    const error = await rejection(callbacks.create(callbackInput({ chat_id: 1 })))
    assert.is(error.name, 'NotFound')
    assert.is(error.what, 'chatroom')
    assert.equal(await callbacks.list(), [])
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id: null })
    const created = await callbacks.create(callbackInput({ chat_id: chatroom_id }))
    assert.is(created.chat_id, chatroom_id)
    assert.is((await chatrooms.get(chatroom_id))?.callback_id, created.callback_id)
  })

  test('a refused callback leaves the chatroom as it was', async ({ callbacks, chatrooms }) => {
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id: null })
    await callbacks.create(callbackInput())
    assert.is((await rejection(callbacks.create(callbackInput({ chat_id: chatroom_id })))).name, 'PathTaken')
    assert.is((await chatrooms.get(chatroom_id))?.callback_id, null)
  })

  test('an update changes what it names', async ({ callbacks }) => {
    const before = await callbacks.create(callbackInput({ library: 'x', env: { A: '1' } }))
    const after = await callbacks.update(before.callback_id, { code: '2', library: null, env: { B: '2' } })
    assert.equal(after, {
      ...before,
      code: '2',
      library: null,
      env: { B: '2' },
      updated_at: after.updated_at,
    })
    assert.equal(await callbacks.get(before.callback_id), after)
    assert.equal(
      { ...(await callbacks.update(before.callback_id, {})), updated_at: '' },
      { ...after, updated_at: '' },
    )
  })

  test('an update keeps to the rule of one path and method', async ({ callbacks }) => {
    const a = await callbacks.create(callbackInput({ path: 'a/:x' }))
    const b = await callbacks.create(callbackInput({ path: 'b', method: 'POST' }))
    await callbacks.update(b.callback_id, { path: 'a/:y' })
    const error = await rejection(callbacks.update(b.callback_id, { method: 'GET' }))
    assert.is(error.name, 'PathTaken')
    assert.is(error.callback_id, a.callback_id)
    assert.is((await callbacks.get(b.callback_id))?.method, 'POST')
    assert.is((await callbacks.update(a.callback_id, { path: 'a/:z' })).path, 'a/:z')
    await callbacks.update(a.callback_id, { path: 'c' })
    assert.is((await callbacks.update(b.callback_id, { method: 'GET' })).method, 'GET')
  })

  test('an update of what does not exist, or to what does not exist, is refused', async ({ callbacks }) => {
    assert.is((await rejection(callbacks.update(5, { code: '' }))).what, 'callback')
    const { callback_id } = await callbacks.create(callbackInput())
    const error = await rejection(callbacks.update(callback_id, { chat_id: 9, code: 'new' }))
    assert.is(error.what, 'chatroom')
    assert.is((await callbacks.get(callback_id))?.code, callbackInput().code)
  })

  test('an update during a build is allowed', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.open(callback_id, build())
    assert.is((await callbacks.update(callback_id, { code: 'next' })).status, 'build')
    assert.is((await deployments.get(callback_id, 1))?.code, callbackInput().code)
  })

  test('what belongs to a callback is deleted with it', async (store) => {
    const { chatroom_id } = await store.chatrooms.create({ title: 'a', callback_id: null })
    const id = await deployed(store, { chat_id: chatroom_id })
    await store.deployments.appendLog(id, 1, ['line'])
    await store.records.addInvocations([invocation(id)])
    await store.records.addLogs([logLine(id)])
    await store.records.addExits([instanceExit(id)])
    await store.callbacks.delete(id)
    assert.is(await store.callbacks.get(id), null)
    assert.equal(await store.deployments.list(id), [])
    assert.is(await store.deployments.log(id, 1), null)
    assert.equal(await store.records.invocations(id, 9), [])
    assert.equal(await store.records.logs(id, { limit: 9 }), [])
    assert.equal(await store.records.exits(id, 9), [])
    assert.is((await store.chatrooms.get(chatroom_id))?.callback_id, null)
    assert.is((await rejection(store.callbacks.delete(id))).what, 'callback')
  })

  test('a callback is not deleted while it is built, unless by force', async ({ callbacks, deployments }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    await deployments.open(callback_id, build())
    assert.is((await rejection(callbacks.delete(callback_id))).name, 'BuildRunning')
    assert.is.not(await deployments.get(callback_id, 1), null)
    await callbacks.delete(callback_id, { force: true })
    assert.is(await callbacks.get(callback_id), null)
  })

  test('of many that want one path at the same time, one gets it', async ({ callbacks }) => {
    const wishes = Array.from({ length: 10 }, (_, index) =>
      callbacks.create(callbackInput({ path: `race/:p${index}` })),
    )
    const outcomes = await Promise.allSettled(wishes)
    const [winner, ...others] = outcomes.filter(({ status }) => status === 'fulfilled')
    assert.is(others.length, 0)
    const id = winner?.status === 'fulfilled' ? winner.value.callback_id : 0
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.is(outcome.reason.callback_id, id)
    }
    assert.is((await callbacks.list()).length, 1)
  })
}
