import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Histogram } from '../../../bench/load/histogram.ts'
import { percentile } from '../../../bench/stats.ts'

const test = suite('histogram')

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('an empty one is all zeros', () => {
  const { count, min, max, mean } = new Histogram()
  assert.equal([count, min, max, mean], [0, 0, 0, 0])
  assert.is(new Histogram().percentile(99), 0)
})

test('small values are exact', () => {
  const histogram = filled(Array.from({ length: 256 }, (_, value) => value))
  for (let percent = 1; percent <= 100; percent++)
    assert.is(histogram.percentile(percent), Math.ceil(2.56 * percent) - 1)
})

test('count, least, greatest and mean are exact whatever the size', () => {
  const { count, min, max, mean } = filled([1_000_003, 5, 77_777])
  assert.equal([count, min, max], [3, 5, 1_000_003])
  assert.is(mean, (1_000_003 + 5 + 77_777) / 3)
})

test('a percentile is never below the true one, and above it by less than one part in 128', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(latencies, fc.constantFrom(1, 50, 95, 99, 99.9, 100), (values, percent) => {
      const exact = percentile(values, percent)
      const found = filled(values).percentile(percent)
      return found >= exact && found <= exact * (1 + 1 / 128)
    }),
  )
})

test('one slow answer in a thousand is seen', () => {
  const histogram = filled([...Array<number>(999).fill(400), 90_000])
  assert.is(histogram.percentile(99.9), 401)
  assert.is(histogram.percentile(99.95), 90_000)
})

test('what is out of range is counted at its edge', () => {
  const histogram = filled([-5, 2 ** 40, 1.4])
  assert.equal([histogram.min, histogram.max, histogram.percentile(50)], [0, 2 ** 31 - 1, 1])
})

test.run()
