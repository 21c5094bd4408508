import { group } from './bulk.ts'
import type { Database } from './database.ts'
import { sql } from './statement.ts'

/** The tables that grow with every call. */
export type RecordTable = 'invocation' | 'log' | 'instance_exit'

/** Callbacks per transaction, and rows it deletes at the most: other writes get their turn in between. */
const CALLBACKS_AT_ONCE = 50
const ROWS_AT_ONCE = 2000

/** Keeps tables within a bound per callback. */
export interface Trimmer {
  /** Tells that rows of these callbacks were added. */
  grew(table: RecordTable, rows: readonly { readonly callback_id: number }[]): void
  /** Deletes all but the newest `keep` rows of each callback. */
  trim(table: RecordTable, keep: number): Promise<void>
}

/**
 * Looks only at callbacks that grew since the last time; the first time, and after a failure, at all of them.
 * Replicas each see to what they wrote.
 */
export function trimmer(database: Database): Trimmer {
  const grown: Record<RecordTable, Set<number>> = {
    invocation: new Set(),
    log: new Set(),
    instance_exit: new Set(),
  }
  const surveyed = new Set<RecordTable>()

  async function take(table: RecordTable): Promise<number[]> {
    const ids = grown[table]
    grown[table] = new Set()
    if (surveyed.has(table)) return [...ids]
    const rows = await database.read(sql('SELECT callback_id FROM callback_info'))
    return rows.map((row) => Number(row.callback_id))
  }

  return {
    grew(table, rows) {
      for (const row of rows) grown[table].add(row.callback_id)
    },

    async trim(table, keep) {
      const ids = await take(table)
      surveyed.delete(table)
      for (const some of group(ids, CALLBACKS_AT_ONCE, () => 1)) {
        while ((await deleteOldest(database, table, some, keep)) === ROWS_AT_ONCE);
      }
      surveyed.add(table)
    },
  }
}

async function deleteOldest(
  database: Database,
  table: RecordTable,
  ids: readonly number[],
  keep: number,
): Promise<number> {
  const [, counted] = await database.write([
    sql(
      `DELETE FROM ${table} WHERE id IN (
        SELECT old.id FROM json_each(:ids) AS callback JOIN ${table} AS old
        ON old.callback_id = callback.value AND old.id <= (
          SELECT id FROM ${table} WHERE callback_id = callback.value ORDER BY id DESC LIMIT 1 OFFSET :keep)
        LIMIT :most)`,
      { ids: JSON.stringify(ids), keep, most: ROWS_AT_ONCE },
    ),
    sql('SELECT changes() AS deleted'),
  ])
  return Number(counted![0]?.deleted)
}
