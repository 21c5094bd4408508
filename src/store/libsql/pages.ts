import type { Row } from '@libsql/client'
import type { Database } from './database.ts'
import { isTooLarge } from './errors.ts'
import { type SqlValue, type Statement, sql } from './statement.ts'

const ALL = -1
const FIRST_PAGE = 256

/** A query that can be continued: `text` uses :after (the last key seen) and :rows (how many at the most). */
export interface PagedQuery {
  readonly text: string
  readonly values: Readonly<Record<string, SqlValue>>
  /** A key that lies before the first row. */
  readonly start: number
  readonly key: (row: Row) => number
}

/**
 * Reads up to `limit` rows, all of them without a limit. One query, except where the answer is larger than a
 * server sends at once: then in pages, smaller until they fit.
 */
export async function readRows(database: Database, query: PagedQuery, limit = Infinity): Promise<Row[]> {
  const rows: Row[] = []
  let after = query.start
  let page = limit === Infinity ? ALL : limit
  while (rows.length < limit) {
    const wanted = page === ALL ? ALL : Math.min(page, limit - rows.length)
    let found: Row[]
    try {
      found = await database.read(statement(query, after, wanted))
    } catch (cause) {
      if (!isTooLarge(cause) || wanted === 1) throw cause
      page = wanted === ALL ? FIRST_PAGE : Math.ceil(wanted / 4)
      continue
    }
    rows.push(...found)
    if (wanted === ALL || found.length < wanted) break
    after = query.key(found.at(-1)!)
  }
  return rows
}

function statement(query: PagedQuery, after: number, rows: number): Statement {
  return sql(query.text, { ...query.values, after, rows })
}
