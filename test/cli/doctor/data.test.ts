// @timeout 120
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataDirCheck } from '../../../src/cli/doctor/checks/data-dir.ts'
import { databaseCheck } from '../../../src/cli/doctor/checks/database.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { openDatabase } from '../../../src/store/libsql/database.ts'
import { parsePlace } from '../../../src/store/libsql/location.ts'
import { openStore } from '../../../src/store/libsql/open.ts'
import { sql } from '../../../src/store/libsql/statement.ts'
import { needing } from '../../support/skip.ts'
import { SQLD, startSqld } from '../../support/sqld.ts'
import { folder, look, only, type Settings } from './look.ts'

const test = suite('the doctor on data')
const isRoot = process.getuid?.() === 0
const dataDir = (home: string, settings: Settings = {}) => look(home, settings, (at) => [dataDirCheck(at)])
const database = (home: string, settings: Settings = {}) => look(home, settings, (at) => [databaseCheck(at)])
const states = (findings: readonly Finding[]) => findings.map(({ id, status }) => `${id} ${status}`)

/** A database as the gateway makes it, with enough in it to span some pages. */
async function made(file: string): Promise<void> {
  await using store = await openStore({ url: `file:${file}`, authToken: null })
  for (let number = 0; number < 40; number++) {
    await store.callbacks.create({
      path: `p/${number}`,
      method: 'GET',
      type: 'node',
      code: 'x'.repeat(3000),
      library: null,
      env: {},
      chat_id: null,
      limits: {},
      response_mode: 'proxy',
    })
  }
}

test('a data folder that is there, and one that will be made; nothing stays in it', async () => {
  await using home = await folder()
  assert.equal(states(await dataDir(home.path)), ['data-dir ok', 'data-dir.disk ok'])
  assert.equal(await readdir(home.path), [])
  await mkdir(path.join(home.path, 'data'))
  const there = await dataDir(home.path)
  assert.match(only(there, 'data-dir').summary, /can be written to$/)
  assert.ok(Number(only(there, 'data-dir.disk').facts.free_bytes) > 0)
  assert.equal(await readdir(path.join(home.path, 'data')), [])
})

test('a file in the place of the data folder', async () => {
  await using home = await folder()
  await writeFile(path.join(home.path, 'data'), '')
  const finding = only(await dataDir(home.path), 'data-dir')
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /it is no folder/)
})

test('a data folder that cannot be written to', async () => {
  await using home = await folder()
  // Rights do not bind root; the kernel's own folder does.
  const locked = isRoot ? '/proc/sys' : path.join(home.path, 'locked')
  if (!isRoot) await mkdir(locked, { mode: 0o500 })
  const there = only(await dataDir(home.path, { FAAS_DATA_DIR: locked }), 'data-dir')
  assert.is(there.status, 'fail')
  assert.match(there.remedy ?? '', /FAAS_DATA_DIR/)
  const missing = only(await dataDir(home.path, { FAAS_DATA_DIR: `${locked}/data` }), 'data-dir')
  if (!isRoot) assert.match(missing.summary, /cannot be made in/)
})

test('a database that is not there yet is left alone', async () => {
  await using home = await folder()
  assert.equal(states(await database(home.path)), ['database note'])
  assert.equal(await readdir(home.path), [])
})

test('a sound database, at a path that needs escapes, is read and not changed', async () => {
  await using home = await folder()
  const at = path.join(home.path, 'a #b ü')
  await mkdir(at)
  const file = path.join(at, 'x.db')
  await made(file)
  const before = await readFile(file)
  const findings = await database(home.path, { FAAS_DB_URL: `file:${file}` })
  assert.equal(states(findings), ['database ok', 'database.integrity ok'])
  assert.is(only(findings, 'database').facts.schema, only(findings, 'database').facts.known)
  assert.ok(before.equals(await readFile(file)))
})

test('an older and a newer schema', async () => {
  await using home = await folder()
  const file = path.join(home.path, 'x.db')
  await made(file)
  const change = async (statement: string) => {
    const opened = await openDatabase(parsePlace(`file:${file}`))
    await opened.write([sql(statement)])
    await opened.close()
  }
  await change('DELETE FROM migration WHERE id > 1')
  const older = only(await database(home.path, { FAAS_DB_URL: `file:${file}` }), 'database')
  assert.is(older.status, 'note')
  assert.match(older.summary, /brings its schema from 1 to/)
  await change("INSERT INTO migration (id, name, applied_at) VALUES (999, 'later', '')")
  const newer = only(await database(home.path, { FAAS_DB_URL: `file:${file}` }), 'database')
  assert.is(newer.status, 'fail')
  assert.match(newer.remedy ?? '', /start the version that made it/)
})

test('a file that is no database', async () => {
  await using home = await folder()
  const file = path.join(home.path, 'x.db')
  await writeFile(file, 'these are words, and many of them: '.repeat(500))
  const finding = only(await database(home.path, { FAAS_DB_URL: `file:${file}` }), 'database')
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /not a database/)
})

test('a database with damaged pages', async () => {
  await using home = await folder()
  const file = path.join(home.path, 'x.db')
  await made(file)
  const bytes = await readFile(file)
  // The first page holds the schema: it stays, so that the database opens.
  for (let page = 4; page * 4096 < bytes.length; page++) bytes.fill(0xa5, page * 4096, page * 4096 + 2048)
  await writeFile(file, bytes)
  const findings = await database(home.path, { FAAS_DB_URL: `file:${file}` })
  const bad = findings.filter(({ status }) => status === 'fail')
  assert.is(bad.length, 1)
  assert.match(bad[0]?.remedy ?? '', /restore a backup/)
})

test('memory is told as what it is', async () => {
  assert.equal(states(await database('/nowhere', { FAAS_DB_URL: ':memory:' })), ['database warn'])
})

test('a server that is not there', async () => {
  const finding = only(await database('/nowhere', { FAAS_DB_URL: 'http://127.0.0.1:1' }), 'database')
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /cannot be reached/)
})

test('a server that takes the connection and says nothing, within the deadline', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const started = performance.now()
  const settings = { FAAS_DB_URL: `http://127.0.0.1:${port}`, FAAS_DB_AUTH_TOKEN: 'hush-token' }
  const findings = await database('/nowhere', settings)
  server.close()
  assert.is(only(findings, 'database').status, 'fail')
  assert.match(only(findings, 'database').summary, /did not answer within 3 s/)
  assert.not.match(JSON.stringify(findings), /hush/)
  assert.ok(performance.now() - started < 5000)
})

needing(test, SQLD)('a real server, empty and with the schema', async () => {
  await using sqld = await startSqld()
  const empty = only(await database('/nowhere', { FAAS_DB_URL: sqld.http }), 'database')
  assert.is(empty.status, 'note')
  assert.is(empty.facts.schema, 0)
  const store = await openStore({ url: sqld.http, authToken: null })
  await store[Symbol.asyncDispose]()
  const ready = only(await database('/nowhere', { FAAS_DB_URL: sqld.http }), 'database')
  assert.is(ready.status, 'ok')
  assert.ok(Number(ready.facts.latency_ms) > 0)
})

test('a link to the data folder counts as the folder', async () => {
  await using home = await folder()
  await mkdir(path.join(home.path, 'real'))
  await chmod(path.join(home.path, 'real'), 0o700)
  await symlink('real', path.join(home.path, 'data'))
  assert.is(only(await dataDir(home.path), 'data-dir').status, 'ok')
})

test.run()
