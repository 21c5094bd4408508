import type { Store } from '../store.ts'
import { artifactStore } from './artifacts.ts'
import { callbackStore } from './callbacks.ts'
import { chatroomStore } from './chatrooms.ts'
import { openDatabase } from './database.ts'
import { deploymentStore } from './deployments.ts'
import { parsePlace } from './location.ts'
import { migrate } from './migrations.ts'
import { recordStore } from './records.ts'
import { sql } from './statement.ts'

/** Who asks whether the database is there wants to know soon. */
const PING_MS = 5000

/** How to open the store. */
export interface StoreOptions {
  /** `:memory:`, `file:PATH`, or the http, https, libsql, ws or wss address of a libSQL server. */
  readonly url: string
  /** The server's token, where it asks for one. */
  readonly authToken: string | null
}

/**
 * Opens the store on libSQL and brings its schema up to date.
 * @throws StoreError when the database does not answer, cannot be used or is newer than this code
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const database = await openDatabase(parsePlace(options.url), { authToken: options.authToken })
  try {
    await migrate(database)
  } catch (cause) {
    await database.close()
    throw cause
  }
  return {
    callbacks: callbackStore(database),
    chatrooms: chatroomStore(database),
    deployments: deploymentStore(database),
    artifacts: artifactStore(database),
    records: recordStore(database),
    location: database.location,
    async ping() {
      await database.read(sql('SELECT value FROM revision'), PING_MS)
    },
    async revision() {
      const [row] = await database.read(sql('SELECT value FROM revision'))
      return Number(row?.value)
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}
