import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkLength, limitStream, type StreamEnd } from '../../src/invoke/answer-limit.ts'

const test = suite('the limit on answers')

const MIB = 1_048_576

function streamOf(pieces: number, onCancel: () => void = () => undefined): ReadableStream<Uint8Array> {
  let left = pieces
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left-- === 0) controller.close()
        else controller.enqueue(new Uint8Array(MIB / 2))
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  )
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const piece of stream) bytes += piece.length
  return bytes
}

test('a length that is known is compared before anything is sent', () => {
  checkLength([], new Uint8Array(MIB), 1)
  checkLength([['Content-Length', String(MIB)]], streamOf(1), 1)
  checkLength([['content-length', '9999999999']], null, 1)
  checkLength([['content-length', 'nonsense']], streamOf(1), 1)
  assert.throws(() => checkLength([], new Uint8Array(MIB + 1), 1), /1048577 bytes/)
  assert.throws(() => checkLength([['Content-Length', String(MIB + 1)]], streamOf(1), 1), /limits\.answer_mb/)
})

test('a stream of just that size passes whole', async () => {
  const ends: StreamEnd[] = []
  assert.is(await readAll(limitStream(streamOf(2), 1, (end) => ends.push(end))), MIB)
  assert.equal(ends, ['whole'])
})

test('a longer one is cut, and its source is told', async () => {
  const ends: StreamEnd[] = []
  let cancelled = false
  const stream = limitStream(
    streamOf(10, () => {
      cancelled = true
    }),
    1,
    (end) => ends.push(end),
  )
  let failed = ''
  await readAll(stream).catch((error: Error) => {
    failed = error.message
  })
  assert.match(failed, /passed its 1 MB/)
  assert.equal(ends, ['cut'])
  assert.ok(cancelled)
})

test('one whose reader leaves says so', async () => {
  const ends: StreamEnd[] = []
  const stream = limitStream(streamOf(10), 1, (end) => ends.push(end))
  await stream.cancel()
  assert.equal(ends, ['left'])
})

test.run()
