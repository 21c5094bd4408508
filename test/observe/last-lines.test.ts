import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LastLines } from '../../src/observe/last-lines.ts'
import { aLine } from './fake-records.ts'

const test = suite('the last lines of an instance')

test('are its own, the newest ten, handed over once', () => {
  const lines = new LastLines()
  for (let n = 0; n < 25; n++) lines.add(aLine(`line ${n}`))
  lines.add({ ...aLine('of another'), instance_id: 'j' })
  assert.equal(
    lines.take('i').map(({ message }) => message),
    Array.from({ length: 10 }, (_, n) => `line ${n + 15}`),
  )
  assert.equal(lines.take('i'), [])
  assert.is(lines.take('j').length, 1)
})

test('are cut where they are long', () => {
  const lines = new LastLines()
  lines.add(aLine('x'.repeat(5000)))
  assert.is(lines.take('i')[0]?.message.length, 1001)
})

test('are kept for a bounded number of instances, the newest', () => {
  const lines = new LastLines()
  for (let n = 0; n < 2001; n++) lines.add({ ...aLine('x'), instance_id: String(n) })
  assert.equal(lines.take('0'), [])
  assert.is(lines.take('1').length, 1)
  assert.is(lines.take('2000').length, 1)
})

test.run()
