// @slow
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDatabase } from '../../src/store/libsql/database.ts'
import { parsePlace } from '../../src/store/libsql/location.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { needing } from '../support/skip.ts'
import { SQLD, startSqld } from '../support/sqld.ts'
import { callbackInput, rejection } from './fixtures.ts'

const test = suite('store: failures of a server')
const withServer = needing(test, SQLD)

for (const protocol of ['http', 'ws'] as const) {
  withServer(`${protocol}: a store outlives its server and goes on when it is back`, async () => {
    await using sqld = await startSqld()
    await using store = await openStore({ url: sqld[protocol], authToken: null })
    await store.callbacks.create(callbackInput())
    await sqld.stop()
    for (const attempt of [
      () => store.ping(),
      () => store.callbacks.list(),
      () => store.callbacks.create(callbackInput({ path: 'b' })),
    ]) {
      const error = await rejection(attempt())
      assert.is(error.name, 'StoreError')
      assert.match(error.message, 'the server cannot be reached')
    }
    await sqld.start()
    await store.ping()
    await store.callbacks.create(callbackInput({ path: 'c' }))
    assert.equal(
      (await store.callbacks.list()).map(({ path }) => path),
      ['hello', 'c'],
    )
  })

  withServer(
    `${protocol}: a value that the server does not take is refused, and the store goes on`,
    async () => {
      await using sqld = await startSqld()
      await using store = await openStore({ url: sqld[protocol], authToken: null })
      const error = await rejection(store.callbacks.create(callbackInput({ code: 'x'.repeat(6_000_000) })))
      assert.is(error.name, 'StoreError')
      assert.match(error.message, 'larger than the server takes')
      const { callback_id } = await store.callbacks.create(callbackInput({ code: 'x'.repeat(3_000_000) }))
      assert.is((await store.callbacks.get(callback_id))?.code.length, 3_000_000)
    },
  )
}

withServer('a list that is larger than the server sends at once is read whole', async () => {
  await using sqld = await startSqld()
  await using store = await openStore({ url: sqld.http, authToken: null })
  const library = 'y'.repeat(1_500_000)
  for (let index = 0; index < 9; index++) {
    await store.callbacks.create(callbackInput({ path: `p${index}`, library }))
  }
  const list = await store.callbacks.list()
  assert.equal(
    list.map(({ path }) => path),
    Array.from({ length: 9 }, (_, index) => `p${index}`),
  )
  assert.ok(list.every((callback) => callback.library?.length === library.length))
})

test('a server that is not there is named, without its token', async () => {
  for (const url of ['http://name:secret@127.0.0.1:9/?authToken=secret', 'ws://127.0.0.1:9']) {
    const error = await rejection(openStore({ url, authToken: 'secret' }))
    assert.is(error.name, 'StoreError')
    assert.is(
      error.message,
      `Cannot open the database "${url.startsWith('ws') ? 'ws' : 'http'}://127.0.0.1:9": ` +
        'the server cannot be reached: check the address and that the server runs',
    )
  }
})

test('a server that refuses the token is told apart', async () => {
  const server = await listen((_, response) => response.writeHead(401).end())
  const error = await rejection(openStore({ url: addressOf(server), authToken: 'wrong' }))
  assert.match(error.message, 'the server answered 401: the token is missing, wrong or has expired')
  await close(server)
})

test('a server that never answers is given up', async () => {
  const server = await listen(() => undefined)
  const error = await rejection(openDatabase(parsePlace(addressOf(server)), { answerMs: 100 }))
  assert.is(error.code, 'TIMEOUT')
  assert.match(error.message, 'did not answer within 0.1 s')
  await close(server)
})

test.run()

async function listen(handle: Parameters<typeof createServer>[1] & object): Promise<Server> {
  const server = createServer(handle as never)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
