import type { Database } from './database.ts'
import { type SqlValue, type Statement, sql } from './statement.ts'

const STATEMENT_CHARACTERS = 512 * 1024
const BATCH_CHARACTERS = 4 * 1024 * 1024

/**
 * Inserts many rows with one statement, which has them as JSON in :rows and reads them with json_each. Only a
 * load beyond what servers take at once is cut into more statements, and then into more batches.
 */
export async function insertRows(
  database: Database,
  text: string,
  rows: readonly unknown[],
  values: Readonly<Record<string, SqlValue>> = {},
): Promise<void> {
  const chunks = group(
    rows.map((row) => JSON.stringify(row)),
    STATEMENT_CHARACTERS,
    (row) => row.length,
  )
  const statements = chunks.map((chunk) => sql(text, { ...values, rows: `[${chunk.join(',')}]` }))
  for (const batch of group(statements, BATCH_CHARACTERS, rowsLength)) await database.write(batch)
}

/** Cuts a list into runs whose sizes add up to `most` or less; a single item may be larger. */
export function group<T>(items: readonly T[], most: number, sizeOf: (item: T) => number): T[][] {
  const groups: T[][] = []
  let room = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (groups.length === 0 || size > room) {
      groups.push([])
      room = most
    }
    groups.at(-1)!.push(item)
    room -= size
  }
  return groups
}

function rowsLength(statement: Statement): number {
  return String(statement.args.rows).length
}
