// @slow
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import { MAX_FRAME, type Message, TYPE, WireError } from '../../src/runtime/wire.ts'

const test = suite('the framed wire')

const HEADER = 17
const encoder = new TextEncoder()

/** What a reader makes of a message: text as bytes, nothing as null, whole characters alone. */
function asRead(message: Message): Message {
  const bytes = typeof message.data === 'string' ? encoder.encode(message.data) : message.data
  return {
    ...message,
    head: message.head.toWellFormed(),
    data: bytes === null || bytes.length === 0 ? null : bytes,
  }
}

function readAll(chunks: readonly Uint8Array[]): Message[] {
  const read: Message[] = []
  const reader = new FrameReader((message) => read.push({ ...message, data: copy(message.data) }))
  for (const chunk of chunks) reader.push(chunk)
  return read
}

function copy(data: Message['data']): Message['data'] {
  return data === null || typeof data === 'string' ? data : new Uint8Array(data)
}

function written(messages: readonly Message[], size?: number): Uint8Array {
  const writer = new FrameWriter(size)
  for (const message of messages) writer.write(message)
  return writer.take()
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end))
}

const uint32 = fc.nat(0xffffffff)
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.json(),
  fc.constant('é'.repeat(200)),
)
const message: fc.Arbitrary<Message> = fc.record({
  type: fc.oneof(fc.constantFrom(...Object.values(TYPE)), fc.nat(255)),
  instance: uint32,
  id: uint32,
  head: text,
  data: fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 300 }), text),
})
const messages = fc.array(message, { maxLength: 8 })

test('any split of any frames gives the same messages', () => {
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.integer({ min: 1, max: 4096 }),
      (sent, places, size) => {
        assert.equal(readAll(cut(written(sent, size), places)), sent.map(asRead))
      },
    ),
    { numRuns: 2000 },
  )
})

test('frames may come byte by byte', () => {
  const sent: Message[] = [
    { type: TYPE.CALL, instance: 7, id: 2, head: '{"naïve":"✓ 🚀"}', data: 'body' },
    { type: TYPE.END, instance: 7, id: 2, head: '', data: null },
  ]
  assert.equal(readAll([...written(sent)].map((byte) => Uint8Array.of(byte))), sent.map(asRead))
})

test('a head keeps a byte order mark at its front', () => {
  const sent: Message = { type: TYPE.RESET, instance: 1, id: 1, head: '\ufeffreason', data: null }
  assert.equal(readAll([written([sent])]), [sent])
})

test('what was taken stays as it is while the writer goes on', () => {
  fc.assert(
    fc.property(messages, messages, (first, second) => {
      const writer = new FrameWriter(64)
      for (const each of first) writer.write(each)
      const taken = writer.take()
      assert.is(writer.pending, 0)
      for (const each of second) writer.write(each)
      assert.equal(readAll([taken]), first.map(asRead))
      assert.equal(readAll([writer.take()]), second.map(asRead))
    }),
    { numRuns: 500 },
  )
})

test('garbage waits or is refused, and is never taken for more than it is', () => {
  const byte = fc.oneof(fc.constant(0), fc.nat(255))
  const chunk = fc.array(byte, { maxLength: 80 }).map((bytes) => Uint8Array.from(bytes))
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 10 }), (chunks) => {
      let used = 0
      const reader = new FrameReader(({ data }) => {
        used += HEADER + (data?.length ?? 0)
      })
      try {
        for (const each of chunks) reader.push(each)
      } catch (error) {
        assert.instance(error, WireError)
      }
      assert.ok(used <= chunks.reduce((sum, each) => sum + each.length, 0))
    }),
    { numRuns: 5000 },
  )
})

test('a flipped byte spoils no frame before it', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 2, maxLength: 5 }), fc.nat(), (sent, place) => {
      const before = written(sent.slice(0, -1))
      const bytes = written(sent)
      const at = before.length + (place % (bytes.length - before.length))
      bytes[at]! ^= 0xff
      const read: Message[] = []
      const reader = new FrameReader((each) => read.push({ ...each, data: copy(each.data) }))
      try {
        reader.push(bytes)
      } catch (error) {
        assert.instance(error, WireError)
      }
      assert.equal(read.slice(0, sent.length - 1), sent.slice(0, -1).map(asRead))
    }),
    { numRuns: 1000 },
  )
})

/** Seventeen bytes that claim this length and this length of head. */
function header(length: number, headLength: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER))
  view.setUint32(0, length, true)
  view.setUint32(13, headLength, true)
  return new Uint8Array(view.buffer)
}

test('a reader holds the bounds', () => {
  const reader = () => new FrameReader(() => assert.unreachable('a message was made of it'))
  assert.throws(
    () => reader().push(header(MAX_FRAME + 1, 0)),
    (error: Error) => error instanceof WireError,
  )
  assert.throws(
    () => reader().push(header(0xffffffff, 0)),
    (error: Error) => error instanceof WireError,
  )
  assert.throws(
    () => reader().push(header(HEADER - 5, 0)),
    (error: Error) => error instanceof WireError,
  )
  assert.throws(
    () => reader().push(header(0, 0)),
    (error: Error) => error instanceof WireError,
  )
  assert.throws(
    () => reader().push(header(HEADER - 4, 1)),
    (error: Error) => error instanceof WireError,
  )
  reader().push(header(MAX_FRAME, 0))
  reader().push(header(HEADER - 4, 0).subarray(0, HEADER - 1))
})

test('a writer holds the bounds and goes on', () => {
  const writer = new FrameWriter()
  const frame = (data: Uint8Array): Message => ({ type: TYPE.DATA, instance: 1, id: 1, head: '', data })
  writer.write(frame(Uint8Array.of(1)))
  assert.throws(
    () => writer.write(frame(new Uint8Array(MAX_FRAME))),
    (error: Error) => error instanceof WireError,
  )
  writer.write(frame(Uint8Array.of(2)))
  assert.equal(
    readAll([writer.take()]).map((each) => each.data),
    [Uint8Array.of(1), Uint8Array.of(2)],
  )
})

test('a large frame in small chunks costs a copy, not one per chunk', () => {
  const data = new Uint8Array(8_388_608).fill(7)
  const bytes = written([{ type: TYPE.START, instance: 1, id: 0, head: '{}', data }])
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 16_384) chunks.push(bytes.subarray(at, at + 16_384))
  const started = performance.now()
  const [read] = readAll(chunks)
  assert.is(read?.data?.length, data.length)
  assert.ok(performance.now() - started < 500, `${Math.round(performance.now() - started)} ms`)
})

test('large data comes whole whatever the pieces, in an array of its own where it came in several', () => {
  const large = new Uint8Array(100_000).map((_, index) => index % 251)
  const text = 'é'.repeat(20_000)
  const around: Message = { type: TYPE.END, instance: 1, id: 2, head: '', data: null }
  const sent: Message[] = [
    around,
    { ...around, type: TYPE.DATA, head: 'head', data: large },
    { ...around, type: TYPE.ANSWER, data: text },
    around,
  ]
  const bytes = written(sent)
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 30 }), (places) => {
      assert.equal(readAll(cut(bytes, places)), sent.map(asRead))
    }),
    { numRuns: 100 },
  )
  const own: boolean[] = []
  const reader = new FrameReader(({ data }) =>
    own.push(data instanceof Uint8Array && data.buffer.byteLength === data.length),
  )
  for (const chunk of cut(bytes, [1000, 60_000])) reader.push(chunk)
  assert.equal(own, [false, true, false, false])
})

test('parts in their order are the frames', () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 0, max: 8 }), (sent, at) => {
      const all = [...sent]
      all.splice(at, 0, {
        type: TYPE.DATA,
        instance: 3,
        id: 4,
        head: '',
        data: new Uint8Array(20_000).fill(7),
      })
      const writer = new FrameWriter(64)
      for (const each of all) writer.write(each)
      const pending = writer.pending
      const parts = writer.takeParts()
      assert.is(
        parts.reduce((sum, part) => sum + part.length, 0),
        pending,
      )
      assert.is(writer.pending, 0)
      assert.equal(readAll(parts), all.map(asRead))
    }),
    { numRuns: 200 },
  )
})

test.run()
