import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Database, openDatabase } from '../../src/store/libsql/database.ts'
import { parsePlace } from '../../src/store/libsql/location.ts'
import { MIGRATIONS, type Migration, migrate } from '../../src/store/libsql/migrations.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { sql } from '../../src/store/libsql/statement.ts'
import { callbackInput, rejection, temporaryFolder } from './fixtures.ts'

const test = suite('store: migrations')

const NEXT: Migration = {
  id: MIGRATIONS.length + 1,
  name: 'next',
  statements: ['CREATE TABLE next (id INTEGER)'],
}

test('they are numbered from 1 without a gap', () => {
  assert.equal(
    MIGRATIONS.map(({ id }) => id),
    MIGRATIONS.map((_, index) => index + 1),
  )
})

test('a new database gets all of them, once', async () => {
  await using folder = await temporaryFolder()
  const url = `file:${folder.path}/faas.db`
  {
    await using store = await openStore({ url, authToken: null })
    await store.callbacks.create(callbackInput())
  }
  const first = await applied(url)
  assert.equal(
    first.map(({ id, name }) => ({ id, name })),
    MIGRATIONS.map(({ id, name }) => ({ id, name })),
  )
  {
    await using store = await openStore({ url, authToken: null })
    assert.is((await store.callbacks.list()).length, 1)
  }
  assert.equal(await applied(url), first)
})

test('one that comes later is applied to what is there', async () => {
  const database = await openDatabase(parsePlace(':memory:'))
  await migrate(database)
  await migrate(database, [...MIGRATIONS, NEXT])
  await migrate(database, [...MIGRATIONS, NEXT])
  assert.equal(await tables(database, 'next'), ['next'])
  await database.close()
})

test('of several that start together, each finds all of them applied once', async () => {
  await using folder = await temporaryFolder()
  const place = parsePlace(`file:${folder.path}/faas.db`)
  const databases = await Promise.all(Array.from({ length: 4 }, () => openDatabase(place)))
  await Promise.all(databases.map((database) => migrate(database, [...MIGRATIONS, NEXT])))
  for (const database of databases) {
    assert.equal(await tables(database, 'next'), ['next'])
    await database.close()
  }
  assert.is((await applied(`file:${place.location}`)).length, MIGRATIONS.length + 1)
})

test('a database that is ahead of the code is refused and left alone', async () => {
  await using folder = await temporaryFolder()
  const url = `file:${folder.path}/faas.db`
  const newer = MIGRATIONS.length + 1
  const database = await openDatabase(parsePlace(url))
  await migrate(database, [...MIGRATIONS, NEXT])
  await database.close()
  const error = await rejection(openStore({ url, authToken: null }))
  assert.is(error.name, 'StoreError')
  assert.is(
    error.message,
    `Cannot open the database "${folder.path}/faas.db": its schema is at migration ${newer} and this version ` +
      `knows only ${MIGRATIONS.length}: start the version that made it, or newer, or restore a backup`,
  )
  assert.is((await applied(url)).length, newer)
})

test('one that fails leaves nothing behind, and can be mended', async () => {
  const database = await openDatabase(parsePlace(':memory:'))
  const broken = { ...NEXT, statements: [...NEXT.statements, 'CREATE TABLE callback_info (id INTEGER)'] }
  const error = await rejection(migrate(database, [...MIGRATIONS, broken]))
  assert.is(
    error.message,
    `Cannot open the database ":memory:": migration ${NEXT.id} (next) failed and was rolled back: ` +
      'restore a backup or report this',
  )
  assert.equal(await tables(database, 'next'), [])
  await migrate(database, [...MIGRATIONS, NEXT])
  assert.equal(await tables(database, 'next'), ['next'])
  await database.close()
})

test.run()

async function applied(url: string) {
  const database = await openDatabase(parsePlace(url))
  const rows = await database.read(sql('SELECT id, name, applied_at FROM migration ORDER BY id'))
  await database.close()
  return rows.map(({ id, name, applied_at }) => ({ id, name, applied_at }))
}

async function tables(database: Database, name: string) {
  const rows = await database.read(sql('SELECT name FROM sqlite_schema WHERE name = :name', { name }))
  return rows.map((row) => row.name)
}
