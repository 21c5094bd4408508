import { openDatabase } from '../../src/store/libsql/database.ts'
import { parsePlace } from '../../src/store/libsql/location.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { sql } from '../../src/store/libsql/statement.ts'
import { SQLD, type Sqld, startSqld } from '../support/sqld.ts'
import { storeContract } from './contract.ts'

/** Runs the contract against a real server that is spoken to in this protocol. */
export function serverContract(protocol: 'http' | 'ws'): void {
  let sqld: Sqld
  storeContract({
    name: protocol,
    need: SQLD,
    before: async () => {
      sqld = await startSqld()
    },
    open: async () => {
      await wipe(sqld[protocol])
      return openStore({ url: sqld[protocol], authToken: null })
    },
    after: async () => sqld[Symbol.asyncDispose](),
  })
}

/** A server has one database: drops its tables, those that refer to others first. */
async function wipe(url: string): Promise<void> {
  const database = await openDatabase(parsePlace(url))
  const tables = await database.read(
    sql(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid DESC",
    ),
  )
  await database.write(tables.map(({ name }) => sql(`DROP TABLE ${name}`)))
  await database.close()
}
