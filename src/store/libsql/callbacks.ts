import type { Row } from '@libsql/client'
import type { Callback, CallbackInput } from '../../domain/callback.ts'
import { routeKey } from '../../domain/route.ts'
import { BuildRunning, type CallbackStore, NotFound, PathTaken, StoreError } from '../store.ts'
import { now } from './clock.ts'
import type { Database } from './database.ts'
import { readRows } from './pages.ts'
import { CALLBACK_COLUMNS, toCallback } from './rows.ts'
import { type SqlValue, sql } from './statement.ts'
import { encodeText } from './text.ts'

/** Callbacks in the table `callback_info`. */
export function callbackStore(database: Database): CallbackStore {
  return {
    async create(input, id) {
      const values = { ...toColumns(input), id: id ?? null, now: now() }
      const [holders, chatrooms, created] = await database.write([
        sql(HOLDER_OF_ROUTE, values),
        sql(CHATROOM, values),
        sql(INSERT, values),
      ])
      const [row] = created!
      if (row !== undefined) return toCallback(row)
      refuse(holders!, chatrooms!)
      throw new StoreError(`Cannot create callback ${id}: the id is in use`, 'SQLITE_CONSTRAINT')
    },

    async get(id) {
      const [row] = await database.read(
        sql(`SELECT ${CALLBACK_COLUMNS.all} FROM callback_info WHERE callback_id = :id`, { id }),
      )
      return row === undefined ? null : toCallback(row)
    },

    async list() {
      const rows = await readRows(database, {
        text: `SELECT ${CALLBACK_COLUMNS.withoutCode} FROM callback_info WHERE callback_id > :after
          ORDER BY callback_id LIMIT :rows`,
        values: {},
        start: 0,
        key: (row) => Number(row.callback_id),
      })
      return rows.map(toCallback)
    },

    async update(id, patch) {
      const columns = toColumns(patch)
      const names = Object.keys(columns)
      const values = {
        path: null,
        route_key: null,
        method: null,
        chat_id: null,
        ...columns,
        id,
        now: now(),
      }
      const [holders, chatrooms, updated, found] = await database.write([
        sql(HOLDER_OF_NEXT_ROUTE, values),
        sql(CHATROOM, values),
        sql(
          `UPDATE callback_info SET ${[...names.map((name) => `${name} = :${name}`), 'updated_at = :now'].join(', ')}
          WHERE callback_id = :id AND NOT EXISTS (${HOLDER_OF_NEXT_ROUTE}) AND EXISTS (${CHATROOM})
          RETURNING ${CALLBACK_COLUMNS.all}`,
          values,
        ),
        sql('SELECT 1 FROM callback_info WHERE callback_id = :id', values),
      ])
      const [row] = updated!
      if (row !== undefined) return toCallback(row)
      if (found!.length === 0) throw new NotFound('callback')
      refuse(holders!, chatrooms!)
      throw new StoreError(`Cannot update callback ${id}: no row was changed`, '')
    },

    async delete(id, { force = false } = {}) {
      const values = { id, force: force ? 1 : 0 }
      const [deleted, left] = await database.write([
        sql(
          `DELETE FROM callback_info WHERE callback_id = :id AND (:force = 1 OR status <> 'build')
          RETURNING callback_id`,
          values,
        ),
        sql('SELECT 1 FROM callback_info WHERE callback_id = :id', values),
      ])
      if (deleted!.length > 0) return
      if (left!.length === 0) throw new NotFound('callback')
      throw new BuildRunning(`callback ${id} has status build`)
    },
  }
}

const HOLDER_OF_ROUTE =
  'SELECT callback_id FROM callback_info WHERE route_key = :route_key AND method = :method'

const HOLDER_OF_NEXT_ROUTE = `SELECT other.callback_id FROM callback_info AS mine JOIN callback_info AS other
  ON other.route_key = COALESCE(:route_key, mine.route_key) AND other.method = COALESCE(:method, mine.method)
  AND other.callback_id <> mine.callback_id
  WHERE mine.callback_id = :id`

/** One row when the chatroom exists, or when none is named. */
const CHATROOM = `SELECT 1 WHERE :chat_id IS NULL OR EXISTS
  (SELECT 1 FROM chatroom WHERE chatroom_id = :chat_id)`

// The trigger callback_in_chatroom sets the chatroom's callback_id.
const INSERT = `INSERT INTO callback_info (callback_id, path, route_key, method, type, code, library, env, chat_id,
    limits, response_mode, created_at, updated_at)
  SELECT :id, :path, :route_key, :method, :type, :code, :library, :env, :chat_id,
    :limits, :response_mode, :now, :now
  WHERE NOT EXISTS (${HOLDER_OF_ROUTE}) AND EXISTS (${CHATROOM})
    AND NOT EXISTS (SELECT 1 FROM callback_info WHERE callback_id = :id)
  RETURNING ${CALLBACK_COLUMNS.all}`

function refuse(holders: readonly Row[], chatrooms: readonly Row[]): void {
  const [holder] = holders
  if (holder !== undefined) throw new PathTaken(Number(holder.callback_id))
  if (chatrooms.length === 0) throw new NotFound('chatroom')
}

type Column = keyof CallbackInput | 'route_key'

const TO_COLUMN: { [K in keyof CallbackInput]: (value: Callback[K]) => SqlValue } = {
  path: (value) => value,
  method: (value) => value,
  type: (value) => value,
  code: encodeText,
  library: (value) => (value === null ? null : encodeText(value)),
  env: (value) => JSON.stringify(value),
  chat_id: (value) => value,
  limits: (value) => JSON.stringify(value),
  response_mode: (value) => value,
}

/** The columns that an input sets; fields that are absent or undefined are left alone. */
function toColumns(input: Partial<CallbackInput>): Record<string, SqlValue> {
  const columns: Partial<Record<Column, SqlValue>> = {}
  for (const name of Object.keys(TO_COLUMN) as (keyof CallbackInput)[]) {
    const value = input[name]
    if (value !== undefined) columns[name] = (TO_COLUMN[name] as (value: unknown) => SqlValue)(value)
  }
  if (input.path !== undefined) columns.route_key = routeKey(input.path)
  return columns as Record<string, SqlValue>
}
