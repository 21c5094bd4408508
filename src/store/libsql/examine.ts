import type { Client } from '@libsql/client'
import { openLocal, openServer } from './connection.ts'
import { storeError } from './errors.ts'
import { type Place, parsePlace } from './location.ts'
import { MIGRATIONS } from './migrations.ts'

/** A database looked at, and nothing of it changed. */
export interface ExaminedDatabase extends AsyncDisposable {
  /** The newest migration that was applied; 0 for a database without our tables. */
  readonly schema: number
  /** The newest migration that this code has. */
  readonly known: number
  /** The quickest of some small queries, in milliseconds: with a server, the way there and back. */
  readonly latencyMs: number
  /** SQLite's own look at every page, for a file; an empty list where all is well. */
  quickCheck(): Promise<string[]>
}

const QUERIES = 3
const ANSWER_MS = 3000

/**
 * Opens a database that is there, for reading alone: the schema is left as it is.
 * @throws StoreError when it cannot be read
 */
export async function examineDatabase(url: string, authToken: string | null): Promise<ExaminedDatabase> {
  const place = parsePlace(url)
  try {
    const connection = place.kind === 'server' ? await openServer(place, authToken) : await openLocal(place)
    const rows = (query: string) =>
      connection.attempt('read', async () => (await connection.client.execute(query)).rows, ANSWER_MS)
    return {
      schema: await newest(rows),
      known: MIGRATIONS.length,
      latencyMs: await quickest(() => rows('SELECT 1')),
      quickCheck: () => quickCheck(place, rows),
      [Symbol.asyncDispose]: async () => connection.client.close(),
    }
  } catch (cause) {
    throw storeError('read', place.location, cause)
  }
}

type Rows = (query: string) => Promise<Awaited<ReturnType<Client['execute']>>['rows']>

async function newest(rows: Rows): Promise<number> {
  const tables = await rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'migration'")
  if (tables.length === 0) return 0
  const [row] = await rows('SELECT COALESCE(MAX(id), 0) AS newest FROM migration')
  return Number(row?.newest)
}

async function quickest(query: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < QUERIES; round++) {
    const started = performance.now()
    await query()
    best = Math.min(best, performance.now() - started)
  }
  return best
}

async function quickCheck(place: Place, rows: Rows): Promise<string[]> {
  if (place.kind !== 'file') return []
  try {
    const found = (await rows('PRAGMA quick_check(5)')).map((row) => String(row[0]))
    return found.length === 1 && found[0] === 'ok' ? [] : found
  } catch (cause) {
    throw storeError('read', place.location, cause)
  }
}
