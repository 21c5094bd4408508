// @node
// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { startNode } from './node-guest.ts'

const test = suite('bodies of a function on a whole Node')

const MEGABYTE = 1_048_576

test('an answer streams no further than its window, and to its end once it is read', async () => {
  await using guest = await startNode(
    `let made = 0
    export default { fetch(request) {
      if (request.method === 'GET') return Response.json(made)
      return new Response(new ReadableStream({ pull(controller) {
        if (made >= 64) return controller.close()
        made++; controller.enqueue(new Uint8Array(65536).fill(made))
      } }))
    } }`,
    { credit: false },
  )
  const call = guest.open()
  await until(() => guest.received === WINDOW, 'a window of bytes')
  const made = await guest.json<number>({ method: 'GET' })
  assert.ok(made <= 8, `${made} pieces were made`)
  assert.is(guest.received, WINDOW)
  for (let read = 0; read < 60; read += 4) {
    call.send(TYPE.CREDIT, String(WINDOW))
    const expected = (read + 8) * 65_536
    await until(() => guest.received === expected, 'the next window of bytes')
  }
  const { ended, done, body } = await call.over
  assert.ok(ended && done)
  assert.is(body.length, 64 * 65_536)
  assert.is(body.at(-1), 64)
})

test('large whole answers and requests arrive as they were, many at once', async () => {
  await using guest = await startNode(
    'export default async (request) => new Response(new Uint8Array(await request.arrayBuffer()).reverse())',
  )
  await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const bytes = Buffer.alloc(5 * MEGABYTE)
      for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761 + index) >>> 0, at)
      const call = guest.open({ whole: false })
      for (let at = 0; at < bytes.length; at += 65_536)
        call.send(TYPE.DATA, '', bytes.subarray(at, at + 65_536))
      call.send(TYPE.END)
      const { answer, body } = await call.over
      assert.is(answer?.status, 200)
      assert.ok(Buffer.compare(body, Buffer.from(bytes).reverse()) === 0, `body ${index} differs`)
    }),
  )
})

test('a request is credited only as it is read', async () => {
  await using guest = await startNode(
    `export default async (request) => {
      const reader = request.body.getReader()
      let size = (await reader.read()).value.length
      if (request.headers.has('x-stop')) { await reader.cancel(); return new Response(String(size)) }
      await new Promise((resolve) => setTimeout(resolve, 50))
      for (;;) { const { done, value } = await reader.read(); if (done) break; size += value.length }
      return new Response(String(size)) }`,
  )
  const call = guest.open({ whole: false })
  for (let piece = 0; piece < 4; piece++) call.send(TYPE.DATA, '', new Uint8Array(65_536))
  call.send(TYPE.END)
  assert.is((await call.over).body.toString(), String(4 * 65_536))
  const stopped = guest.open({ whole: false, headers: [['x-stop', '1']] })
  stopped.send(TYPE.DATA, '', new Uint8Array(10))
  const { body, resets } = await stopped.over
  assert.is(body.toString(), '10')
  assert.is(resets.length, 1)
})

test('a gateway that does not read holds nothing but itself up', async () => {
  await using guest = await startNode(
    `let beats = 0
    setInterval(() => beats++, 5)
    exports.handler = ({ body }) => body === 'beats' ? beats : 'x'.repeat(900000)`,
  )
  guest.child.stdout!.pause()
  const calls = Array.from({ length: 30 }, () => guest.open())
  const early = guest.open({}, 'beats')
  await new Promise((resolve) => setTimeout(resolve, 300))
  guest.child.stdout!.resume()
  for (const { answer, body } of await Promise.all(calls.map((call) => call.over))) {
    assert.is(answer?.status, 200)
    assert.is(body.length, 900_002)
  }
  await early.over
  assert.ok((await guest.json<number>({}, 'beats')) > 5)
})

test('a caller that hangs up aborts the signal and ends the stream; the line has its call', async () => {
  await using guest = await startNode(
    `export default { fetch(request) {
      request.signal.addEventListener('abort', () => console.log('aborted'))
      return new Response(new ReadableStream({
        start(controller) { controller.enqueue(new Uint8Array(70000)) },
        cancel() { console.log('cancelled') },
      })) } }`,
  )
  const call = guest.open()
  await until(() => call.reply.answer !== null, 'the head of the answer')
  call.send(TYPE.RESET, 'gone')
  assert.ok((await call.over).done)
  assert.equal(guest.lines(`r${call.id}`).sort(), ['aborted', 'cancelled'])
})

test('a stream that breaks is told as broken', async () => {
  await using guest = await startNode(
    `export default { fetch: () => new Response(new ReadableStream({ async pull(controller) {
      controller.enqueue(new Uint8Array(70000)); await new Promise((r) => setTimeout(r, 10)); throw new Error('torn') } })) }`,
  )
  const call = guest.open()
  const { resets, ended } = await call.over
  assert.equal([resets, ended], [['torn'], false])
  assert.match(guest.lines(`r${call.id}`).join(), 'torn')
})

test('what a call uses is told while there are calls', async () => {
  await using guest = await startNode('exports.handler = () => new Promise((r) => setTimeout(r, 1300, 1))')
  await until(() => guest.usage.length >= 1, 'the figures at the start')
  await guest.call()
  assert.ok(guest.usage.length >= 2)
  for (const { cpuMs, memoryMb, peakMb } of guest.usage)
    assert.ok(cpuMs >= 0 && memoryMb > 0 && peakMb >= memoryMb)
})

test.run()
