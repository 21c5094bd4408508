import { StoreError } from '../store.ts'
import { now } from './clock.ts'
import type { Database } from './database.ts'
import { LAST_LOGS, SCHEMA } from './schema.ts'
import { sql } from './statement.ts'

/** One step of the schema. Once released it is never edited: a change is a new migration at the end. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly statements: readonly string[]
}

/** Every migration, numbered from 1 without a gap. */
export const MIGRATIONS: readonly Migration[] = [
  { id: 1, name: 'first schema', statements: SCHEMA },
  { id: 2, name: 'last lines of ended instances', statements: LAST_LOGS },
]

/**
 * Brings the schema up to date. Each migration is one transaction that begins with its own row in `migration`:
 * of several processes that start together, one gets the row in and the others find it there.
 * @throws StoreError when the database is ahead of this code
 */
export async function migrate(database: Database, migrations = MIGRATIONS): Promise<void> {
  let applied = await newest(database)
  const known = migrations.length
  if (applied > known) {
    throw new StoreError(
      `Cannot open the database "${database.location}": its schema is at migration ${applied} and this version ` +
        `knows only ${known}: start the version that made it, or newer, or restore a backup`,
      'SCHEMA_TOO_NEW',
    )
  }
  for (const migration of migrations.slice(applied)) {
    if (migration.id <= applied) continue
    try {
      await apply(database, migration)
      applied = migration.id
    } catch (cause) {
      applied = await newest(database)
      if (applied >= migration.id) continue
      throw new StoreError(
        `Cannot open the database "${database.location}": migration ${migration.id} (${migration.name}) failed ` +
          'and was rolled back: restore a backup or report this',
        'MIGRATION_FAILED',
        cause,
      )
    }
  }
}

/** The number of the newest migration that was applied; 0 for an empty database. */
async function newest(database: Database): Promise<number> {
  const tables = await database.read(
    sql("SELECT COUNT(*) AS found FROM sqlite_schema WHERE type = 'table' AND name = 'migration'"),
  )
  if (tables[0]?.found === 0) return 0
  const [row] = await database.read(sql('SELECT COALESCE(MAX(id), 0) AS newest FROM migration'))
  return Number(row?.newest)
}

async function apply(database: Database, migration: Migration): Promise<void> {
  await database.write([
    sql(`CREATE TABLE IF NOT EXISTS migration (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      applied_at TEXT NOT NULL
    )`),
    sql('INSERT INTO migration (id, name, applied_at) VALUES (:id, :name, :applied_at)', {
      id: migration.id,
      name: migration.name,
      applied_at: now(),
    }),
    ...migration.statements.map((statement) => sql(statement)),
  ])
}
