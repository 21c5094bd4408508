import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { format } from '../../../runtimes/javascript/format.ts'
import { inspect } from '../../../runtimes/javascript/inspect.ts'

const test = suite('values as text')

class Foo {
  a = 1
}
class Bar extends Foo {}
const circular: Record<string, unknown> = { name: 'c' }
circular.self = circular
const sparse: unknown[] = []
sparse.length = 4
sparse[1] = 1
const accessor = {
  get a() {
    throw new Error('a getter was called')
  },
  set b(_: unknown) {},
}

const SHOWN: [value: unknown, text: string][] = [
  ["it's", `"it's"`],
  ['a\n\x01', "'a\\n\\x01'"],
  [-0, '-0'],
  [1n, '1n'],
  [Symbol('s'), 'Symbol(s)'],
  [undefined, 'undefined'],
  [{}, '{}'],
  [[], '[]'],
  [{ a: 1, 'b-c': [1, 'x'], [Symbol('k')]: null }, "{ a: 1, 'b-c': [ 1, 'x' ], [Symbol(k)]: null }"],
  [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: [Object] } } }'],
  [sparse, '[ <1 empty item>, 1, <2 empty items> ]'],
  [Object.create(null), '[Object: null prototype] {}'],
  [new Foo(), 'Foo { a: 1 }'],
  [new Map<unknown, unknown>([['a', { b: 1 }]]), "Map(1) { 'a' => { b: 1 } }"],
  [new Set([1, 'x']), "Set(2) { 1, 'x' }"],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'Invalid Date'],
  [/a/g, '/a/g'],
  [function name() {}, '[Function: name]'],
  [() => {}, '[Function (anonymous)]'],
  [async function later() {}, '[AsyncFunction: later]'],
  [Foo, '[class Foo]'],
  [Bar, '[class Bar extends Foo]'],
  [Object.assign(() => {}, { x: 1 }), '[Function (anonymous)] { x: 1 }'],
  [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
  [new ArrayBuffer(3), 'ArrayBuffer { byteLength: 3 }'],
  [new Number(3), '[Number: 3]'],
  [new WeakMap(), 'WeakMap { <items unknown> }'],
  [Promise.resolve(1), 'Promise {}'],
  [circular, "{ name: 'c', self: [Circular *] }"],
  [accessor, '{ a: [Getter], b: [Setter] }'],
  [new Headers({ a: 'b' }), "Headers { a: 'b' }"],
  [
    new URL('http://x/y?z#w'),
    "URL {\n  href: 'http://x/y?z#w',\n  origin: 'http://x',\n  pathname: '/y',\n  search: '?z',\n  hash: '#w'\n}",
  ],
]

for (const [value, text] of SHOWN)
  test(`shows ${text.split('\n')[0]}`, () => {
    assert.is(inspect(value), text)
  })

test('errors with stack, cause and properties', () => {
  const error = Object.assign(new TypeError('boo', { cause: new Error('why') }), { code: 'E' })
  const text = inspect(error)
  assert.match(text, /^TypeError: boo\n {4}at /)
  assert.match(text, /\n {2}code: 'E',\n {2}\[cause\]: Error: why\n {6}at /)
})

test('large things are cut', () => {
  assert.match(inspect(Array.from({ length: 150 }, (_, index) => index)), /... 50 more items\n\]$/)
  assert.match(inspect('x'.repeat(20_000)), /\.\.\. 10000 more characters$/)
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 'v'.repeat(500)]))
  assert.ok(inspect({ a: wide, b: wide }).length < 60_000)
})

test('objects that fight back', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  assert.is(inspect(proxy), '[an object that cannot be inspected]')
  assert.ok(
    inspect(
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('no')
          },
        },
      ),
    ).length > 0,
  )
})

const FORMATTED: [args: unknown[], text: string][] = [
  [['a', 'b', 1, { c: 1 }], 'a b 1 { c: 1 }'],
  [['%s is %d, %i, %f', 'x', '42.5', 42.9, '1.5x'], 'x is 42.5, 42, 1.5'],
  [['%j %o %O', { a: 1 }, [1], { b: 2 }], '{"a":1} [ 1 ] { b: 2 }'],
  [['100%% of %s'], '100%% of %s'],
  [['100%% of %s', 'x'], '100% of x'],
  [['%s'], '%s'],
  [['%s %s', 'a'], 'a %s'],
  [['%c red', 'color: red', 'rest'], ' red rest'],
  [['%d %s', 1n, Symbol('s')], '1n Symbol(s)'],
  [['%j', circular], '[Circular]'],
  [[{ a: 1 }, '%s', 'b'], '{ a: 1 } %s b'],
  [[], ''],
]

for (const [args, text] of FORMATTED)
  test(`formats ${JSON.stringify(text)}`, () => {
    assert.is(format(args), text)
  })

test('never throws', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
      ),
      (args) => {
        assert.type(format(['%s %d %i %f %j %o', ...args]), 'string')
      },
    ),
    { numRuns: 300 },
  )
})

test.run()
