import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import { callbackInput, HARD_TEXTS, rejection } from '../fixtures.ts'

export function chatroomCases(test: Case): void {
  test('a chatroom is read as it was created, and listed in order', async ({ chatrooms }) => {
    const first = await chatrooms.create({ title: 'first', callback_id: null })
    const second = await chatrooms.create({ title: '', callback_id: null })
    assert.equal(first, {
      chatroom_id: 1,
      title: 'first',
      callback_id: null,
      created_at: first.created_at,
      updated_at: first.created_at,
    })
    assert.equal(await chatrooms.get(1), first)
    assert.is(await chatrooms.get(3), null)
    assert.equal(await chatrooms.list(), [first, second])
  })

  test('a callback that is named must exist', async ({ chatrooms, callbacks }) => {
    assert.is((await rejection(chatrooms.create({ title: 'a', callback_id: 7 }))).what, 'callback')
    assert.equal(await chatrooms.list(), [])
    const { callback_id } = await callbacks.create(callbackInput())
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id })
    assert.is((await rejection(chatrooms.update(chatroom_id, { callback_id: 7 }))).what, 'callback')
    assert.is((await chatrooms.get(chatroom_id))?.callback_id, callback_id)
  })

  test('an update changes what it names', async ({ chatrooms, callbacks }) => {
    const { callback_id } = await callbacks.create(callbackInput())
    const before = await chatrooms.create({ title: 'a', callback_id: null })
    const named = await chatrooms.update(before.chatroom_id, { callback_id })
    assert.equal(named, { ...before, callback_id, updated_at: named.updated_at })
    const titled = await chatrooms.update(before.chatroom_id, { title: 'b' })
    assert.equal([titled.title, titled.callback_id], ['b', callback_id])
    assert.is((await chatrooms.update(before.chatroom_id, { callback_id: null })).callback_id, null)
    assert.is((await rejection(chatrooms.update(9, { title: 'x' }))).what, 'chatroom')
  })

  test('the callbacks of a chatroom are the one it names and those that name it', async (store) => {
    const { chatrooms, callbacks } = store
    const named = await callbacks.create(callbackInput({ path: 'named' }))
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id: null })
    const naming = await callbacks.create(callbackInput({ path: 'naming', chat_id: chatroom_id }))
    await callbacks.create(callbackInput({ path: 'neither' }))
    assert.equal(await chatrooms.callbacksOf(chatroom_id), [naming.callback_id])
    await chatrooms.update(chatroom_id, { callback_id: named.callback_id })
    assert.equal(await chatrooms.callbacksOf(chatroom_id), [named.callback_id, naming.callback_id])
    assert.equal(await chatrooms.callbacksOf(99), [])
  })

  test('its chats are deleted with it, its callbacks are not', async ({ chatrooms, callbacks }) => {
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id: null })
    await chatrooms.addChat(chatroom_id, { role: 'user', content: 'x' })
    const { callback_id } = await callbacks.create(callbackInput({ chat_id: chatroom_id }))
    await chatrooms.delete(chatroom_id)
    assert.is(await chatrooms.get(chatroom_id), null)
    assert.is((await callbacks.get(callback_id))?.chat_id, null)
    assert.is((await rejection(chatrooms.chats(chatroom_id))).what, 'chatroom')
    assert.is((await rejection(chatrooms.delete(chatroom_id))).what, 'chatroom')
  })

  test('chats are listed in order, with their text as it is', async ({ chatrooms }) => {
    const { chatroom_id } = await chatrooms.create({ title: 'a', callback_id: null })
    assert.equal(await chatrooms.chats(chatroom_id), [])
    const other = await chatrooms.create({ title: 'b', callback_id: null })
    await chatrooms.addChat(other.chatroom_id, { role: 'system', content: 'other' })
    for (const content of Object.values(HARD_TEXTS)) {
      const chat = await chatrooms.addChat(chatroom_id, { role: 'assistant', content })
      assert.equal([chat.chatroom_id, chat.role, chat.content], [chatroom_id, 'assistant', content])
    }
    const chats = await chatrooms.chats(chatroom_id)
    assert.equal(
      chats.map(({ content }) => content),
      Object.values(HARD_TEXTS),
    )
    const error = await rejection(chatrooms.addChat(99, { role: 'user', content: '' }))
    assert.is(error.what, 'chatroom')
  })
}
