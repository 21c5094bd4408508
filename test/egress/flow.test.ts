// @timeout 60
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import process from 'node:process'
import * as zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { getter, httpServer, refusal } from './servers.ts'

const test = suite('how what a function fetches flows')
const get = getter()

/** Waits until a number that has begun to grow grows no more. */
async function settled(number: () => number): Promise<void> {
  let quiet = 0
  let before = number()
  await until(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      quiet = number() === before && before > 0 ? quiet + 1 : 0
      before = number()
      return quiet === 10
    },
    'it came to rest',
    20_000,
  )
}

// The first one: what others have left behind would hide what it takes.
test('a small answer that unfolds to a large one does so only as fast as it is read', async () => {
  // Members that follow one another unfold to 256 MiB; made so, little of that was ever in this process.
  const bomb = Buffer.concat(Array(32).fill(zlib.gzipSync(new Uint8Array(8_388_608))))
  await using server = await httpServer((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(bomb)
  })
  const before = process.memoryUsage().rss
  const reader = (await get(server.port)).body!.getReader()
  let got = (await reader.read()).value!.length
  await settled(() => process.memoryUsage().rss >> 20)
  const grown = (process.memoryUsage().rss - before) >> 20
  assert.ok(grown < 64, `it took ${grown} MiB`)
  for (let next = await reader.read(); !next.done; next = await reader.read()) got += next.value.length
  assert.is(got, 268_435_456)
})

test('connections are kept, and used one request at a time', async () => {
  await using server = await httpServer((_, response) => response.end('x'))
  for (let round = 0; round < 5; round++) {
    await (await get(server.port)).text()
    // A connection is free again in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.is(server.connections(), 1)
  await Promise.all([1, 2, 3].map(async () => (await get(server.port)).text()))
  assert.is(server.connections(), 3)
})

test('a server that cannot be reached is told as such', async () => {
  const server = await httpServer(() => undefined)
  await server[Symbol.asyncDispose]()
  assert.match(await refusal(get(server.port)), `fetch of 127.0.0.1:${server.port} failed: `)
})

test('one that is given up leaves its server at once: before the head, in the body, in the upload', async () => {
  let open = 0
  const seen: IncomingMessage[] = []
  await using server = await httpServer((request, response) => {
    open++
    seen.push(request.resume())
    response.on('close', () => open--)
    if (request.url === '/body') response.write('begun')
  })
  const early = new AbortController()
  const waits = get(server.port, '/', { signal: early.signal })
  await until(() => open === 1, 'the request arrived')
  early.abort()
  assert.match(await refusal(waits), /abort/i)
  await until(() => open === 0, 'the server was left')

  const late = new AbortController()
  const response = await get(server.port, '/body', { signal: late.signal })
  late.abort()
  assert.instance(
    await response.text().then(
      () => null,
      (thrown: unknown) => thrown,
    ),
    Error,
  )
  await until(() => open === 0, 'the server was left')

  await (await get(server.port, '/body')).body?.cancel()
  await until(() => open === 0, 'the server was left')

  const upload = new AbortController()
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => {
      cancelled = true
    },
  })
  const init = { method: 'POST', body, duplex: 'half', signal: upload.signal } as const
  const sending = get(server.port, '/', init)
  await until(() => open === 1, 'the upload arrived')
  upload.abort()
  await refusal(sending)
  await until(() => open === 0 && cancelled, 'the server was left and the body was given up')
  const never = new AbortController()
  never.abort()
  assert.match(await refusal(get(server.port, '/', { signal: never.signal })), /abort/i)
  assert.is(seen.length, 4)
})

for (const encoded of [false, true]) {
  test(`a slow reader holds the server back: ${encoded ? 'encoded' : 'plain'}`, async () => {
    let sent = 0
    const random = randomBytes(65_536)
    const piece = encoded ? zlib.gzipSync(random) : random
    await using server = await httpServer((_, response) => {
      if (encoded) response.setHeader('content-encoding', 'gzip')
      const more = () => {
        while (sent < 1024) {
          sent++
          if (!response.write(piece)) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    })
    const response = await get(server.port)
    const reader = response.body!.getReader()
    let got = (await reader.read()).value!.length
    await settled(() => sent)
    assert.ok(sent < 1024, `${sent} pieces were taken`)
    for (let next = await reader.read(); !next.done; next = await reader.read()) got += next.value.length
    assert.is(got, 1024 * 65_536)
  })
}

test('a slow server holds the upload back', async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>()
  let received = 0
  await using server = await httpServer(async (request, response) => {
    await go
    for await (const piece of request) received += (piece as Uint8Array).length
    response.end(String(received))
  })
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === 1000) controller.close()
      else {
        sent++
        controller.enqueue(new Uint8Array(65_536))
      }
    },
  })
  const sending = get(server.port, '/', { method: 'POST', body, duplex: 'half' })
  await settled(() => sent)
  assert.ok(sent < 500, `${sent} pieces were taken`)
  release()
  assert.is(await (await sending).text(), String(1000 * 65_536))
})

test.run()
