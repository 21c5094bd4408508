import * as v from 'valibot'
import { GatewayError } from '../../errors.ts'
import { NotFound } from '../../store/store.ts'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { ChatCreate, ChatroomCreate, ChatroomUpdate, ChatroomView, ChatView } from '../schemas/chatroom.ts'
import { MessageView } from '../schemas/system.ts'

const tag = 'chatrooms'
const one = { schema: ChatroomView, about: 'The chatroom' }

/** Conversations, and the callbacks that go with them. */
export function chatroomEndpoints(deps: AppDeps): Endpoint[] {
  return [...rooms(deps), ...chats(deps)]
}

function rooms({ store, deployer }: AppDeps): Endpoint[] {
  const { chatrooms } = store
  return [
    endpoint({
      method: 'POST',
      path: '/chatroom',
      name: 'createChatroom',
      tag,
      summary: 'Create a chatroom',
      body: ChatroomCreate,
      answer: one,
      errors: ['not_found'],
      handle: ({ body }) =>
        chatrooms.create(body).catch(missing('Cannot create a chatroom', body.callback_id)),
    }),
    endpoint({
      method: 'GET',
      path: '/chatroom',
      name: 'listChatrooms',
      tag,
      summary: 'List the chatrooms',
      answer: { schema: v.array(ChatroomView), about: 'In order of id' },
      errors: [],
      handle: () => chatrooms.list(),
    }),
    endpoint({
      method: 'GET',
      path: '/chatroom/{id}',
      name: 'getChatroom',
      tag,
      summary: 'Read a chatroom',
      answer: one,
      errors: ['not_found'],
      handle: async ({ id }) =>
        (await chatrooms.get(id('id'))) ?? missing(`Cannot read chatroom ${id('id')}`)(),
    }),
    endpoint({
      method: 'PUT',
      path: '/chatroom/{id}',
      name: 'updateChatroom',
      tag,
      summary: 'Update a chatroom',
      body: ChatroomUpdate,
      answer: one,
      errors: ['not_found'],
      handle: ({ id, body }) =>
        chatrooms
          .update(id('id'), body)
          .catch(missing(`Cannot update chatroom ${id('id')}`, body.callback_id)),
    }),
    endpoint({
      method: 'DELETE',
      path: '/chatroom/{id}',
      name: 'deleteChatroom',
      tag,
      summary: 'Delete a chatroom',
      description:
        'With its chats, its callbacks and everything that those run. A build of theirs is given up.',
      answer: { schema: MessageView, about: 'What was deleted' },
      errors: ['not_found'],
      async handle({ id }) {
        const room = id('id')
        const absent = missing(`Cannot delete chatroom ${room}`)
        if ((await chatrooms.get(room)) === null) absent()
        const callbacks = await chatrooms.callbacksOf(room)
        for (const callback of callbacks) await deployer.removeForced(callback).catch(unlessGone)
        await chatrooms.delete(room).catch(absent)
        const also = callbacks.length === 0 ? '' : `, with callback ${callbacks.join(', ')}`
        return { message: `chatroom ${room} is deleted${also}` }
      },
    }),
  ]
}

function chats({ store: { chatrooms } }: AppDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/chatroom/{id}/chats',
      name: 'addChat',
      tag,
      summary: 'Add a chat',
      body: ChatCreate,
      answer: { schema: ChatView, about: 'The chat' },
      errors: ['not_found'],
      handle: ({ id, body }) =>
        chatrooms.addChat(id('id'), body).catch(missing(`Cannot add a chat to chatroom ${id('id')}`)),
    }),
    endpoint({
      method: 'GET',
      path: '/chatroom/{id}/chats',
      name: 'listChats',
      tag,
      summary: 'List the chats of a chatroom',
      answer: { schema: v.array(ChatView), about: 'In order' },
      errors: ['not_found'],
      handle: ({ id }) =>
        chatrooms.chats(id('id')).catch(missing(`Cannot list the chats of chatroom ${id('id')}`)),
    }),
  ]
}

/** Says of a missing row which one it was; passes every other error on. */
function missing(action: string, callbackId?: number | null): (error?: unknown) => never {
  return (error = new NotFound('chatroom')) => {
    if (!(error instanceof NotFound)) throw error
    const reason =
      error.what === 'callback' ? `callback ${callbackId} does not exist` : 'that chatroom does not exist'
    throw new GatewayError('not_found', `${action}: ${reason}`)
  }
}

/** Someone else deleted the callback in between: what was wanted is the case. */
function unlessGone(error: unknown): void {
  const gone = error instanceof NotFound || (error instanceof GatewayError && error.code === 'not_found')
  if (!gone) throw error
}
