import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RawLines } from '../../../../src/runtime/drivers/docker/containers/raw-lines.ts'

const test = suite('lines that a container prints past its guest')

function collect(rate = 1000): { lines: RawLines; printed: string[] } {
  const printed: string[] = []
  return { lines: new RawLines(rate, (line) => printed.push(line)), printed }
}

test('lines are cut at their ends, wherever the pieces are', () => {
  const { lines, printed } = collect()
  const bytes = new TextEncoder().encode('grüße\n\nsecond\nrest')
  for (const byte of bytes) lines.push(Uint8Array.of(byte))
  assert.equal(printed, ['grüße', 'second'])
  lines.end()
  assert.equal(printed, ['grüße', 'second', 'rest'])
})

test('a line without end comes in pieces of bounded length', () => {
  const { lines, printed } = collect()
  for (let piece = 0; piece < 100; piece++) lines.push(Buffer.alloc(10_000, 'x'))
  assert.ok(printed.length > 10)
  assert.ok(printed.every(({ length }) => length <= 16_384))
})

test('what is beyond the rate is dropped, counted and told', () => {
  const { lines, printed } = collect(10)
  for (let line = 0; line < 1000; line++) lines.push(Buffer.from(`line ${line}\n`))
  lines.end()
  assert.is(printed.length, 21)
  assert.is(
    printed[20],
    '980 lines dropped: too much was printed at once, at most 10 lines a second are kept',
  )
})

test.run()
