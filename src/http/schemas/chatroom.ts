import * as v from 'valibot'
import { CHAT_ROLES } from '../../domain/callback.ts'
import { fields, filledText, id, oneOf, text, time } from './base.ts'

const MAX_TITLE = 1000
const MAX_CONTENT = 4_194_304

const title = v.pipe(filledText(MAX_TITLE), v.description('What people call it'))
const callback_id = v.pipe(v.nullable(id()), v.description('The callback that came of it'))

/** The body of POST /chatroom. */
export const ChatroomCreate = fields({ title, callback_id: v.optional(callback_id, null) })

/** The body of PUT /chatroom/{id}: what is left out stays as it is. */
export const ChatroomUpdate = fields({
  title: v.exactOptional(title),
  callback_id: v.exactOptional(callback_id),
})

/** A chatroom in an answer. */
export const ChatroomView = v.strictObject({
  chatroom_id: id(),
  title: v.string(),
  callback_id: v.nullable(id()),
  created_at: time(),
  updated_at: time(),
})

/** The body of POST /chatroom/{id}/chats. */
export const ChatCreate = fields({ role: oneOf(CHAT_ROLES), content: text(MAX_CONTENT) })

/** One message of a chatroom. */
export const ChatView = v.strictObject({
  chat_id: id(),
  chatroom_id: id(),
  role: v.picklist(CHAT_ROLES),
  content: v.string(),
  created_at: time(),
})
