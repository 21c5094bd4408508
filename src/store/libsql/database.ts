import { setTimeout as delay } from 'node:timers/promises'
import type { InStatement, Row } from '@libsql/client'
import { StoreError } from '../store.ts'
import { type Connection, LOCAL_SETTINGS, openLocal, openServer } from './connection.ts'
import { type Action, isBusy, storeError } from './errors.ts'
import type { Place } from './location.ts'
import type { Statement } from './statement.ts'

/** One database, the same for a file, memory and a server: single queries and atomic batches, nothing held open. */
export interface Database {
  readonly location: string
  /** The rows of one query, which a server must answer within `answerMs`. */
  read(statement: Statement, answerMs?: number): Promise<Row[]>
  /**
   * Runs all statements in one write transaction, or none of them, and resolves when they are durable. In
   * order of the calls. Rules are part of the statements, so that no other process can come between.
   */
  write(statements: readonly Statement[]): Promise<Row[][]>
  /** Waits for what runs; nothing more is taken. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly authToken?: string | null
  /** How long to try while another process holds the lock. Milliseconds. @default 10000 */
  readonly busyMs?: number
  /** How long a server may take to answer. Milliseconds. @default 30000 */
  readonly answerMs?: number
}

const LONGEST_PAUSE_MS = 10

/**
 * Opens a database; a file is created where it is missing.
 * @throws StoreError
 */
export async function openDatabase(place: Place, options: DatabaseOptions = {}): Promise<Database> {
  const { location } = place
  const { busyMs = 10_000, answerMs = 30_000 } = options
  const connection = await connect(place, options.authToken ?? null)
  const { client } = connection
  const reading = new Set<Promise<unknown>>()
  let writing: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> | null = null

  async function persist<T>(action: Action, run: () => Promise<T>, ms = answerMs): Promise<T> {
    const until = performance.now() + busyMs
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await connection.attempt(action === 'write to' ? 'write' : 'read', run, ms)
      } catch (cause) {
        if (!isBusy(cause) || performance.now() >= until) throw storeError(action, location, cause)
      }
      await delay(pause * (0.5 + Math.random() / 2))
    }
  }

  function refuseWhenClosed(action: Action): void {
    if (closing === null) return
    throw new StoreError(`Cannot ${action} the database "${location}": it is closed`, 'CLIENT_CLOSED')
  }

  async function configure(): Promise<void> {
    if (place.kind === 'file') {
      await persist('open', () => client.executeMultiple('PRAGMA journal_mode = WAL'))
    }
    if (place.kind !== 'server') await persist('open', () => client.executeMultiple(LOCAL_SETTINGS))
    const { rows } = await persist('open', () => client.execute('PRAGMA foreign_keys'))
    if (rows[0]?.foreign_keys !== 1) {
      throw new StoreError(`Cannot open the database "${location}": it does not enforce foreign keys`, '')
    }
  }

  async function close(): Promise<void> {
    await writing
    await Promise.allSettled(reading)
    await connection.close()
  }

  try {
    await configure()
  } catch (cause) {
    await connection.close()
    throw cause
  }

  return {
    location,
    async read(statement, ms = answerMs) {
      refuseWhenClosed('read')
      const answer = persist('read', () => client.execute(statement), ms)
      reading.add(answer)
      try {
        return (await answer).rows
      } finally {
        reading.delete(answer)
      }
    },
    async write(statements) {
      refuseWhenClosed('write to')
      const answer = writing.then(() =>
        persist('write to', () => client.batch(statements as InStatement[], 'write')),
      )
      writing = answer.catch(() => undefined)
      return (await answer).map((result) => result.rows)
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

async function connect(place: Place, authToken: string | null): Promise<Connection> {
  try {
    return place.kind === 'server' ? await openServer(place, authToken) : await openLocal(place)
  } catch (cause) {
    throw storeError('open', place.location, cause)
  }
}
