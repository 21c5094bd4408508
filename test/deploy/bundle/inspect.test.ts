// @slow
import * as util from 'node:util'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inspect } from '../../../src/deploy/bundle/node/inspect/inspect.ts'
import type { InspectOptions } from '../../../src/deploy/bundle/node/inspect/options.ts'
import { skip } from '../../support/skip.ts'

const test = suite('util.inspect of any value is that of Node')

const { value: VALUE } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(null, undefined, Symbol('s')),
      fc.date(),
    ),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.array(fc.nat(100_000), { minLength: 5, maxLength: 130 }),
    fc.array(fc.string({ maxLength: 14 }), { maxLength: 40 }),
    // Of one column, of two, of none.
    fc.array(
      fc.string({
        unit: fc.constantFrom('a', '中', '😀', 'é', '\u0301', '\u200b', '\u{2fffe}'),
        maxLength: 6,
      }),
      {
        minLength: 7,
        maxLength: 20,
      },
    ),
    fc.dictionary(fc.string({ maxLength: 12 }), tie('value'), { maxKeys: 8 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.uint8Array({ maxLength: 130 }),
  ),
}))
const OPTIONS: fc.Arbitrary<InspectOptions> = fc.record(
  {
    depth: fc.constantFrom(0, 1, 2, 5, null),
    breakLength: fc.integer({ min: 10, max: 200 }),
    compact: fc.constantFrom(false, 0, 1, 3, 10),
    maxArrayLength: fc.constantFrom(0, 1, 7, 100, null),
    maxStringLength: fc.constantFrom(0, 5, 10_000),
    sorted: fc.boolean(),
    colors: fc.boolean(),
    numericSeparator: fc.boolean(),
  },
  { requiredKeys: [] },
)

function check(runs: number): void {
  fc.assert(
    fc.property(VALUE, OPTIONS, (value, options) => {
      assert.is(inspect(value, options), util.inspect(value, options as util.InspectOptions))
    }),
    { numRuns: runs },
  )
}

// Deno's own `inspect` is another one.
if ('Deno' in globalThis) skip(test, 'values and options', { name: 'node', missing: 'this host is not Node' })
else test('values and options', () => check(500))

test.run()
