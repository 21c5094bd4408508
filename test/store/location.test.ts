import { existsSync, statSync } from 'node:fs'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parsePlace } from '../../src/store/libsql/location.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { rejection, temporaryFolder } from './fixtures.ts'

const test = suite('store: location')

test('an address says what kind of place it is', () => {
  const cases: [string, string, string][] = [
    [':memory:', 'memory', ':memory:'],
    ['file::memory:', 'memory', ':memory:'],
    ['file:/data/faas.db', 'file', '/data/faas.db'],
    ['file:///data/faas.db', 'file', '/data/faas.db'],
    ['file://localhost/data/faas.db', 'file', '/data/faas.db'],
    ['file:data/faas.db', 'file', path.resolve('data/faas.db')],
    ['file:/with%20space/faas.db', 'file', '/with space/faas.db'],
    ['file:/100%/a#b?c/faas.db', 'file', '/100%/a#b?c/faas.db'],
    ['https://db.example.com/', 'server', 'https://db.example.com'],
    ['libsql://db.example.com/name?authToken=secret', 'server', 'libsql://db.example.com/name'],
    ['wss://user:secret@db.example.com:444', 'server', 'wss://db.example.com:444'],
  ]
  for (const [url, kind, location] of cases) {
    const place = parsePlace(url)
    assert.equal([place.kind, place.location], [kind, location], url)
  }
})

test('any other address is refused', () => {
  for (const url of ['', 'faas.db', 'ftp://host', 'http://', 'https:', 'memory']) {
    assert.throws(() => parsePlace(url), /must be :memory:, file:PATH, or the http/)
  }
})

test('a folder may have any name, and is for this user alone', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'a b', '50% #1?', 'faas.db')
  const store = await openStore({ url: `file:${file}`, authToken: null })
  assert.is(store.location, file)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.is(statSync(`${file}-wal`).mode & 0o777, 0o600)
  assert.is(statSync(path.dirname(file)).mode & 0o777, 0o700)
  await store[Symbol.asyncDispose]()
  assert.is(existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0, false, 'one file holds everything')
})

test('an address that is refused is named', async () => {
  const error = await rejection(openStore({ url: 'ftp://host', authToken: null }))
  assert.is(error.name, 'StoreError')
})

test.run()
