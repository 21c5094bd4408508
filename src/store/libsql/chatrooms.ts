import { type ChatroomStore, NotFound } from '../store.ts'
import { now } from './clock.ts'
import type { Database } from './database.ts'
import { readRows } from './pages.ts'
import { toChat, toChatroom } from './rows.ts'
import { sql } from './statement.ts'
import { encodeText } from './text.ts'

/** Chatrooms in the table `chatroom`, their messages in `chats`. */
export function chatroomStore(database: Database): ChatroomStore {
  async function mustExist(id: number): Promise<void> {
    const found = await database.read(sql(`SELECT 1 ${CHATROOM}`, { id }))
    if (found.length === 0) throw new NotFound('chatroom')
  }

  return {
    async create({ title, callback_id }) {
      const values = { title: encodeText(title), callback_id, now: now() }
      const [created] = await database.write([
        sql(
          `INSERT INTO chatroom (title, callback_id, created_at, updated_at)
          SELECT :title, :callback_id, :now, :now WHERE ${CALLBACK_EXISTS} RETURNING *`,
          values,
        ),
      ])
      const [row] = created!
      if (row === undefined) throw new NotFound('callback')
      return toChatroom(row)
    },

    async get(id) {
      const [row] = await database.read(sql(`SELECT * ${CHATROOM}`, { id }))
      return row === undefined ? null : toChatroom(row)
    },

    async list() {
      const rows = await readRows(database, {
        text: 'SELECT * FROM chatroom WHERE chatroom_id > :after ORDER BY chatroom_id LIMIT :rows',
        values: {},
        start: 0,
        key: (row) => Number(row.chatroom_id),
      })
      return rows.map(toChatroom)
    },

    async update(id, { title, callback_id }) {
      const values = {
        id,
        title: title === undefined ? null : encodeText(title),
        callback_id: callback_id ?? null,
        names_callback: callback_id === undefined ? 0 : 1,
        now: now(),
      }
      const [updated, found] = await database.write([
        sql(
          `UPDATE chatroom SET title = COALESCE(:title, title), updated_at = :now,
            callback_id = CASE :names_callback WHEN 1 THEN :callback_id ELSE callback_id END
          WHERE chatroom_id = :id AND ${CALLBACK_EXISTS} RETURNING *`,
          values,
        ),
        sql(`SELECT 1 ${CHATROOM}`, values),
      ])
      const [row] = updated!
      if (row !== undefined) return toChatroom(row)
      throw new NotFound(found!.length === 0 ? 'chatroom' : 'callback')
    },

    async callbacksOf(id) {
      const rows = await database.read(
        sql(
          `SELECT callback_id FROM callback_info WHERE chat_id = :id
          UNION SELECT callback_id FROM chatroom WHERE chatroom_id = :id AND callback_id IS NOT NULL
          ORDER BY callback_id`,
          { id },
        ),
      )
      return rows.map((row) => Number(row.callback_id))
    },

    async delete(id) {
      const [deleted] = await database.write([sql(`DELETE ${CHATROOM} RETURNING chatroom_id`, { id })])
      if (deleted!.length === 0) throw new NotFound('chatroom')
    },

    async addChat(id, { role, content }) {
      const [created] = await database.write([
        sql(
          `INSERT INTO chats (chatroom_id, role, content, created_at)
          SELECT chatroom_id, :role, :content, :now ${CHATROOM} RETURNING *`,
          { id, role, content: encodeText(content), now: now() },
        ),
      ])
      const [row] = created!
      if (row === undefined) throw new NotFound('chatroom')
      return toChat(row)
    },

    async chats(id) {
      const rows = await readRows(database, {
        text: 'SELECT * FROM chats WHERE chatroom_id = :id AND chat_id > :after ORDER BY chat_id LIMIT :rows',
        values: { id },
        start: 0,
        key: (row) => Number(row.chat_id),
      })
      if (rows.length === 0) await mustExist(id)
      return rows.map(toChat)
    },
  }
}

const CHATROOM = 'FROM chatroom WHERE chatroom_id = :id'

/** True when the callback exists, or when none is named. */
const CALLBACK_EXISTS = `(:callback_id IS NULL OR EXISTS
  (SELECT 1 FROM callback_info WHERE callback_id = :callback_id))`
