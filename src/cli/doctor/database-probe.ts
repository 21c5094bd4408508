/**
 * Looks at a database in a process of its own: the client works synchronously, so a large file or a slow disk would
 * stop everything else. Reads `{url, authToken}` from its input, prints a line of JSON for each thing it learns.
 */
import { text } from 'node:stream/consumers'
import { examineDatabase } from '../../store/libsql/examine.ts'

/** A line: the database was read, SQLite's check is done, or it failed. */
export type DatabaseLine =
  | { readonly kind: 'read'; readonly schema: number; readonly known: number; readonly latencyMs: number }
  | { readonly kind: 'checked'; readonly damage: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string }

function tell(line: DatabaseLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

try {
  const { url, authToken } = JSON.parse(await text(process.stdin)) as {
    url: string
    authToken: string | null
  }
  await using database = await examineDatabase(url, authToken)
  const { schema, known, latencyMs } = database
  tell({ kind: 'read', schema, known, latencyMs })
  tell({ kind: 'checked', damage: await database.quickCheck() })
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
}
