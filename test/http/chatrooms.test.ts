import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HELLO, type HttpApp, httpApp } from '../support/http-app.ts'

const test = suite<{ app: HttpApp }>('chatrooms')
test.before.each(async (context) => {
  context.app = await httpApp()
})
test.after.each(({ app }) => app.close())

test('a chatroom is created, listed, read and updated', async ({ app }) => {
  const created = await app.ask('POST', '/chatroom', { title: 'Make me a greeter' })
  assert.is(created.status, 200)
  assert.is(created.body.title, 'Make me a greeter')
  assert.is(created.body.callback_id, null)
  const address = `/chatroom/${created.body.chatroom_id}`
  assert.equal((await app.ask('GET', '/chatroom')).body, [created.body])
  assert.equal((await app.ask('GET', address)).body, created.body)
  const callback = await app.ask('POST', '/callbacks', HELLO)
  const updated = await app.ask('PUT', address, { callback_id: callback.body.callback_id })
  assert.is(updated.status, 200)
  assert.is(updated.body.title, 'Make me a greeter')
  assert.is(updated.body.callback_id, callback.body.callback_id)
  assert.is((await app.ask('PUT', address, { callback_id: null })).body.callback_id, null)
})

test('chats come back in the order they were added', async ({ app }) => {
  const { body: room } = await app.ask('POST', '/chatroom', { title: 'Talk' })
  const address = `/chatroom/${room.chatroom_id}/chats`
  for (const [role, content] of [
    ['user', 'hi'],
    ['assistant', 'hello'],
    ['system', ''],
  ]) {
    const added = await app.ask('POST', address, { role, content })
    assert.is(added.status, 200)
    assert.is(added.body.chatroom_id, room.chatroom_id)
  }
  const listed = await app.ask('GET', address)
  assert.equal(
    listed.body.map((chat: { role: string; content: string }) => [chat.role, chat.content]),
    [
      ['user', 'hi'],
      ['assistant', 'hello'],
      ['system', ''],
    ],
  )
})

test('what does not exist is 404 and is named', async ({ app }) => {
  const requests = [
    ['GET', '/chatroom/9'],
    ['PUT', '/chatroom/9', { title: 'x' }],
    ['DELETE', '/chatroom/9'],
    ['GET', '/chatroom/9/chats'],
    ['POST', '/chatroom/9/chats', { role: 'user', content: 'x' }],
  ] as const
  for (const [method, path, body] of requests) {
    const answer = await app.ask(method, path, body)
    assert.is(answer.status, 404, `${method} ${path}`)
    assert.is(answer.body.code, 'not_found')
    assert.match(answer.body.detail, 'chatroom 9')
  }
  const unknown = await app.ask('POST', '/chatroom', { title: 'x', callback_id: 77 })
  assert.is(unknown.status, 404)
  assert.match(unknown.body.detail, 'callback 77')
})

test('invalid fields are 422 with their path', async ({ app }) => {
  const cases: [unknown, string][] = [
    [{}, 'title'],
    [{ title: '' }, 'title'],
    [{ title: '  ' }, 'title'],
    [{ title: 5 }, 'title'],
    [{ title: 'x', callback_id: 'one' }, 'callback_id'],
    [{ title: 'x', callback_id: 0 }, 'callback_id'],
    [{ title: 'x', other: 1 }, 'other'],
  ]
  for (const [body, path] of cases) {
    const answer = await app.ask('POST', '/chatroom', body)
    assert.is(answer.status, 422, JSON.stringify(body))
    assert.is(answer.body.errors[0].path, path)
  }
  const role = await app.ask('POST', '/chatroom/1/chats', { role: 'robot', content: 'x' })
  assert.is(role.status, 422)
  assert.match(role.body.detail, 'role must be one of user, assistant, system: it is "robot"')
})

test('deleting a chatroom deletes its callbacks, one that is being built too', async ({ app }) => {
  const { body: room } = await app.ask('POST', '/chatroom', { title: 'Doomed' })
  const chat_id = room.chatroom_id
  const first = await app.ask('POST', '/callbacks', { ...HELLO, chat_id })
  const second = await app.ask('POST', '/callbacks', { ...HELLO, path: 'other', chat_id })
  const stays = await app.ask('POST', '/callbacks', { ...HELLO, path: 'stays' })
  await app.ask('POST', '/chatroom/1/chats', { role: 'user', content: 'x' })
  await app.ask('POST', '/deploy', { callback_id: second.body.callback_id, status: true })
  const deleted = await app.ask('DELETE', `/chatroom/${chat_id}`)
  assert.is(deleted.status, 200)
  assert.type(deleted.body.message, 'string')
  assert.is((await app.ask('GET', `/chatroom/${chat_id}`)).status, 404)
  assert.is((await app.ask('GET', `/callbacks/${first.body.callback_id}`)).status, 404)
  assert.is((await app.ask('GET', `/callbacks/${second.body.callback_id}`)).status, 404)
  assert.is((await app.ask('GET', `/callbacks/${stays.body.callback_id}`)).status, 200)
})

test.run()
