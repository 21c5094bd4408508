// @slow
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { artifactStore } from '../../src/store/libsql/artifacts.ts'
import { callbackStore } from '../../src/store/libsql/callbacks.ts'
import { openDatabase } from '../../src/store/libsql/database.ts'
import { parsePlace } from '../../src/store/libsql/location.ts'
import { migrate } from '../../src/store/libsql/migrations.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { sql } from '../../src/store/libsql/statement.ts'
import { type Child, startChild } from './children/spawn.ts'
import { artifact, callbackInput, rejection, temporaryFolder } from './fixtures.ts'

const test = suite('store: failures')

test('a full disk fails the write with a sentence, and the store goes on when there is room', async () => {
  await using folder = await temporaryFolder()
  const database = await openDatabase(parsePlace(`file:${folder.path}/faas.db`))
  await migrate(database)
  const callbacks = callbackStore(database)
  const artifacts = artifactStore(database)
  const large = artifact('large', { 'big.bin': new Uint8Array(6_000_000) })
  const { callback_id } = await callbacks.create(callbackInput())
  const [row] = await database.read(sql('PRAGMA page_count'))
  await database.read(sql(`PRAGMA max_page_count = ${Number(row?.page_count) + 100}`))

  const error = await rejection(callbacks.update(callback_id, { code: 'x'.repeat(1_000_000) }))
  assert.is(error.name, 'StoreError')
  assert.is(error.code, 'SQLITE_FULL')
  assert.is(
    error.message,
    `Cannot write to the database "${folder.path}/faas.db": the disk is full: free some space`,
  )
  assert.is((await rejection(artifacts.put(large))).code, 'SQLITE_FULL')
  assert.is(await artifacts.get('large'), null, 'half an artifact is none')
  assert.is((await callbacks.update(callback_id, { code: 'small' })).code, 'small')

  await database.read(sql('PRAGMA max_page_count = 1000000'))
  await artifacts.put(large)
  assert.is((await artifacts.get('large'))?.files['big.bin']?.length, 6_000_000)
  await database.close()
})

test('a write waits for the lock without holding up the process, and reads go on', async () => {
  await using folder = await temporaryFolder()
  const url = `file:${folder.path}/faas.db`
  await using store = await openStore({ url, authToken: null })
  const holder = await holdLock(store.location)
  const waiting = store.callbacks.create(callbackInput())
  try {
    let longest = 0
    for (let turn = 0; turn < 20; turn++) {
      const started = performance.now()
      assert.equal(await store.callbacks.list(), [])
      await delay(2)
      longest = Math.max(longest, performance.now() - started)
    }
    assert.ok(longest < 1000, `the process stood still for ${longest} ms`)
  } finally {
    holder.kill()
  }
  assert.is((await waiting).callback_id, 1003)
  await holder.exited
})

test('a lock that is not released fails the write with a sentence, and the store goes on after it', async () => {
  await using folder = await temporaryFolder()
  const place = parsePlace(`file:${folder.path}/faas.db`)
  const database = await openDatabase(place, { busyMs: 200 })
  await migrate(database)
  const callbacks = callbackStore(database)
  const holder = await holdLock(place.location)
  try {
    const started = performance.now()
    const error = await rejection(callbacks.create(callbackInput()))
    assert.ok(performance.now() - started < 2000)
    assert.is(error.code, 'SQLITE_BUSY')
    assert.match(error.message, 'another process holds its lock for too long')
    // A statement that met the lock is left half run: its connection must not be used again.
    assert.is((await rejection(database.read(sql('BEGIN IMMEDIATE')))).code, 'SQLITE_BUSY')
  } finally {
    holder.kill()
    await holder.exited
  }
  await callbacks.create(callbackInput())
  assert.is((await callbacks.list()).length, 1)
  await database.close()
})

test('a file that is no database is refused', async () => {
  await using folder = await temporaryFolder()
  await writeFile(`${folder.path}/faas.db`, 'this is no database '.repeat(500))
  const error = await rejection(openStore({ url: `file:${folder.path}/faas.db`, authToken: null }))
  assert.is(error.name, 'StoreError')
  assert.match(error.message, 'the file is not a database')
})

test('a folder that cannot be made is named', async () => {
  await using folder = await temporaryFolder()
  await writeFile(`${folder.path}/file`, '')
  const error = await rejection(openStore({ url: `file:${folder.path}/file/faas.db`, authToken: null }))
  assert.is(error.name, 'StoreError')
  assert.match(error.message, `check that "${folder.path}/file" is a folder that this user may write to`)
})

test('a database of something else is refused and left alone', async () => {
  await using folder = await temporaryFolder()
  const place = parsePlace(`file:${folder.path}/faas.db`)
  const other = await openDatabase(place)
  await other.write([sql('CREATE TABLE log (line TEXT)'), sql("INSERT INTO log VALUES ('theirs')")])
  const error = await rejection(openStore({ url: `file:${place.location}`, authToken: null }))
  assert.match(error.message, 'migration 1 (first schema) failed and was rolled back')
  assert.is((await other.read(sql('SELECT line FROM log'))).length, 1)
  await other.close()
})

test.run()

async function holdLock(file: string): Promise<Child> {
  const holder = startChild('hold-lock.ts', [file])
  for await (const line of holder.lines) {
    if (line === 'held') return holder
  }
  throw new Error('the lock was not taken')
}
