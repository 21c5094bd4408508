import type { Client } from '@libsql/client'
import { StoreError } from '../store.ts'
import { isBusy } from './errors.ts'
import { type Place, prepareFile } from './location.ts'

/** A way to the database for one attempt at something; an attempt may fail because a lock is held. */
export interface Connection {
  readonly client: Client
  /** @param answerMs how long a server may take; a local database answers at once */
  attempt<T>(kind: 'read' | 'write', run: () => Promise<T>, answerMs: number): Promise<T>
  close(): Promise<void>
}

/**
 * Opens memory or a file, with one connection: in memory a second one would be another, empty database.
 *
 * The client works synchronously, so SQLite's own waiting for a lock (its busy timeout) would stop the whole
 * process; it is left off, and the caller tries again. A prepared statement that met a lock stays half run
 * until it is garbage: it holds an old state of the database and lets no transaction on its connection commit.
 * A script leaves nothing behind. So a write first tries the lock by a script, and where a statement meets one
 * all the same its connection is replaced.
 */
export async function openLocal(place: Place): Promise<Connection> {
  const isFile = place.kind === 'file'
  if (isFile) prepareFile(place.location)
  const { createClient } = await import('@libsql/client/sqlite3')
  const client = createClient({ url: place.url, concurrency: 1 })
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other: replacing the connection would break whatever had just borrowed it. */
  function alone<T>(run: () => Promise<T>): Promise<T> {
    const result = last.then(run)
    last = result.catch(() => undefined)
    return result
  }

  return {
    client,
    attempt: (kind, run) =>
      alone(async () => {
        if (isFile && kind === 'write') await client.executeMultiple(TRY_WRITE_LOCK)
        try {
          return await run()
        } catch (cause) {
          if (isFile && isBusy(cause)) {
            await client.reconnect()
            await client.executeMultiple(LOCAL_SETTINGS)
          }
          throw cause
        }
      }),
    async close() {
      await last
      // Leaves one file that can be copied as it is. Where another process reads, its own close does this.
      if (isFile) await client.executeMultiple('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined)
      client.close()
    },
  }
}

// They hold per connection. FULL syncs the log at each commit: what was acknowledged is still there after a
// power cut.
export const LOCAL_SETTINGS = 'PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL'

const TRY_WRITE_LOCK = 'BEGIN IMMEDIATE; ROLLBACK'

/** Opens a server; an answer that does not come in time fails the attempt. */
export async function openServer(place: Place, authToken: string | null): Promise<Connection> {
  // It loads three more packages, which a start with a file need not wait for.
  const { createClient } = await import('@libsql/client')
  const client = createClient({ url: place.url, ...(authToken === null ? {} : { authToken }) })
  return {
    client,
    attempt<T>(_kind: string, run: () => Promise<T>, answerMs: number) {
      const answer = Promise.withResolvers<T>()
      const late = setTimeout(() => {
        const sentence = `The database "${place.location}" did not answer within ${answerMs / 1000} s`
        answer.reject(new StoreError(`${sentence}: what it was asked may still be done`, 'TIMEOUT'))
      }, answerMs)
      run()
        .then(answer.resolve, answer.reject)
        .finally(() => clearTimeout(late))
      return answer.promise
    },
    async close() {
      client.close()
    },
  }
}
