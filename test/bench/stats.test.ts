import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { median, pairwise, percentile, summarize } from '../../bench/stats.ts'

const test = suite('statistics of the bench')

test('a summary says where the values lie, in whatever order they come', () => {
  const values = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1)
  assert.equal(summarize(values), { n: 100, min: 1, p50: 50, p95: 95, p99: 99, max: 100, mean: 50.5 })
})

test('one value is every percentile of itself', () => {
  assert.equal(summarize([7]), { n: 1, min: 7, p50: 7, p95: 7, p99: 7, max: 7, mean: 7 })
})

test('of 20 values the 99th percentile is the greatest: nothing slow is dropped', () => {
  const values = Array.from({ length: 20 }, (_, index) => index)
  assert.is(percentile(values, 99), 19)
  assert.is(percentile(values, 95), 18)
})

test('a percentile is a value that was measured, and as many as it says do not exceed it', () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const found = percentile(values, percent)
      const below = values.filter((value) => value <= found).length
      const under = values.filter((value) => value < found).length
      return (
        values.includes(found) &&
        below * 100 >= percent * values.length &&
        under * 100 < percent * values.length
      )
    }),
  )
})

test('the median of an even number lies between the two in the middle', () => {
  assert.is(median([4, 1, 3, 2]), 2.5)
  assert.is(median([9, 1, 5]), 5)
})

test('no values have no summary', () => {
  assert.throws(() => summarize([]), /Cannot summarize no values/)
  assert.throws(() => median([]), /Cannot summarize no values/)
})

test('rounds are compared one with one, so that a slow round cancels out', () => {
  assert.equal(pairwise([100, 50], [50, 25]), [2, 2])
  assert.throws(() => pairwise([1, 2], [1]), /Cannot pair 2 rounds with 1/)
})

test.run()
