import type { Row } from '@libsql/client'
import type { RecordStore } from '../store.ts'
import { insertRows } from './bulk.ts'
import type { Database } from './database.ts'
import { type PagedQuery, readRows } from './pages.ts'
import { toExit, toInvocation, toLogLine } from './rows.ts'
import { encodeText } from './text.ts'
import { type RecordTable, trimmer } from './trim.ts'

/** Invocations, log lines and the death ledger, in the tables `invocation`, `log` and `instance_exit`. */
export function recordStore(database: Database): RecordStore {
  const trimming = trimmer(database)

  return {
    async addInvocations(rows) {
      await insertRows(
        database,
        INSERT_INVOCATIONS,
        rows.map((row) => ({
          ...row,
          request_id: encodeText(row.request_id),
          error: maybe(row.error),
          phases: JSON.stringify(row.phases),
        })),
      )
      trimming.grew('invocation', rows)
    },

    async invocations(callbackId, limit) {
      const rows = await readRows(database, newest('invocation', callbackId), limit)
      return rows.map(toInvocation)
    },

    async addLogs(rows) {
      await insertRows(
        database,
        INSERT_LOGS,
        rows.map((row) => ({
          ...row,
          request_id: maybe(row.request_id),
          message: encodeText(row.message),
        })),
      )
      trimming.grew('log', rows)
    },

    async logs(callbackId, { limit, after }) {
      if (after !== undefined) {
        const rows = await readRows(database, following(callbackId, after), limit)
        return rows.map(toLogLine)
      }
      const rows = await readRows(database, newest('log', callbackId), limit)
      return rows.map(toLogLine).reverse()
    },

    async addExits(rows) {
      await insertRows(
        database,
        INSERT_EXITS,
        rows.map((row) => ({
          ...row,
          detail: encodeText(row.detail),
          last_request_id: maybe(row.last_request_id),
          last_logs: encodeText(JSON.stringify(row.last_logs)),
        })),
      )
      trimming.grew('instance_exit', rows)
    },

    async exits(callbackId, limit) {
      const rows = await readRows(database, newest('instance_exit', callbackId), limit)
      return rows.map(toExit)
    },

    async trim(bounds) {
      await trimming.trim('invocation', bounds.invocations)
      await trimming.trim('log', bounds.logs)
      await trimming.trim('instance_exit', bounds.exits)
    },
  }
}

const INSERT_INVOCATIONS = insertInto('invocation', [
  'callback_id',
  'request_id',
  'version',
  'runtime',
  'instance_id',
  'status',
  'lambda_status_code',
  'start',
  'phases',
  'peak_memory_mb',
  'outcome',
  'error',
  'time',
])

const INSERT_LOGS = insertInto('log', [
  'callback_id',
  'version',
  'instance_id',
  'request_id',
  'level',
  'time',
  'message',
])

const INSERT_EXITS = insertInto('instance_exit', [
  'callback_id',
  'instance_id',
  'version',
  'runtime',
  'reason',
  'detail',
  'limit',
  'used',
  'cpu_ms',
  'peak_memory_mb',
  'last_request_id',
  'requests',
  'started_at',
  'ended_at',
  'last_logs',
])

/** Rows of a callback that was deleted in the meantime are left out, rather than failing the others. */
function insertInto(table: string, columns: readonly string[]): string {
  const names = columns.map((column) => `"${column}"`).join(', ')
  const values = columns.map((column) => `item.value ->> '${column}'`).join(', ')
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM json_each(:rows) AS item
    WHERE item.value ->> 'callback_id' IN (SELECT callback_id FROM callback_info) ORDER BY item.key`
}

function newest(table: RecordTable, callbackId: number): PagedQuery {
  return {
    text: `SELECT * FROM ${table} WHERE callback_id = :id AND id < :after ORDER BY id DESC LIMIT :rows`,
    values: { id: callbackId },
    start: Number.MAX_SAFE_INTEGER,
    key: idOf,
  }
}

function following(callbackId: number, after: number): PagedQuery {
  return {
    text: 'SELECT * FROM log WHERE callback_id = :id AND id > :after ORDER BY id LIMIT :rows',
    values: { id: callbackId },
    start: after,
    key: idOf,
  }
}

function idOf(row: Row): number {
  return Number(row.id)
}

function maybe(text: string | null): string | null {
  return text === null ? null : encodeText(text)
}
