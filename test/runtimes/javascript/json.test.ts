import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plainJson } from '../../../runtimes/javascript/json.ts'

const test = suite('JSON of plain data')

const DATA = {
  status: 200,
  headers: [
    ['a', 'b"\\\n\u2028'],
    ['c', '\ud800'],
  ],
  whole: true,
  none: null,
  left: undefined,
  empty: {},
  list: [],
  not: Number.NaN,
}

test('is what JSON.stringify gives', () => {
  assert.is(plainJson(DATA), JSON.stringify(DATA))
  for (const value of ['text', 7, null, true, [], {}, [undefined]])
    assert.is(plainJson(value), JSON.stringify(value))
})

test('asks nothing for a toJSON', () => {
  const expected = JSON.stringify(DATA)
  const polluted = [Object.prototype, Array.prototype, String.prototype, Number.prototype] as {
    toJSON?: unknown
  }[]
  for (const prototype of polluted) prototype.toJSON = () => 'polluted'
  try {
    assert.is(plainJson(DATA), expected)
  } finally {
    for (const prototype of polluted) delete prototype.toJSON
  }
})

test.run()
