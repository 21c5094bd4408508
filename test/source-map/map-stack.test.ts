import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { authorPosition, mapStack, originalPosition } from '../../src/source-map/map-stack.ts'
import { BundlerFixture, evaluateBare, libraryOf, text } from '../deploy/bundle/support.ts'

const test = suite('stacks in the author’s coordinates')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

const CODE = `import { deep } from 'deep'
interface Event { readonly n: number }

export function handler(event: Event): number {
  const shown = \`n is \${event.n}\`
  return [1].map(() => deep(() => { throw new TypeError(shown + '\\nsecond line') }))[0]!
}
export const later = async () => {
  await null
  throw new Error('late')
}`

async function bundled() {
  const library = await libraryOf({
    'deep/package.json': '{"name":"deep","type":"module","exports":"./index.js"}',
    'deep/index.js': '// a package\nexport function deep(work) {\n  return work()\n}',
  })
  await using _ = library
  const artifact = await fixture.bundle(CODE, { libraryDir: library.dir })
  return { callback: evaluateBare(text(artifact, 'main.js')), map: text(artifact, 'main.js.map') }
}

test('frames of the author and of packages are mapped, those of the runtime are gone', async () => {
  const { callback, map } = await bundled()
  let stack = ''
  try {
    ;(callback.handler as (event: unknown) => void)({ n: 5 })
  } catch (error) {
    stack = (error as Error).stack!
  }
  const mapped = mapStack(stack, map)
  assert.match(
    mapped,
    /^TypeError: n is 5\nsecond line\n {4}at .*callback\.ts:6:43\)?\n {4}at deep \(node_modules\/deep\/index\.js:3:10\)/,
  )
  assert.not.match(mapped, /main\.js|map-stack|uvu|<anonymous>/)
  assert.equal(authorPosition(mapped), { file: 'callback.ts', line: 6, column: 43 })
})

test('a rejection after an await', async () => {
  const { callback, map } = await bundled()
  const error = await (callback.later as () => Promise<never>)().catch((reason: Error) => reason)
  assert.match(mapStack(error.stack!, map), /^Error: late\n {4}at (?:Object\.)?later \(callback\.ts:10:9\)$/)
})

const MAP = JSON.stringify({
  version: 3,
  sources: ['callback.ts', 'runtime'],
  names: [],
  // 1:1 → callback.ts 1:1, 1:11 → callback.ts 3:5, 1:21 → runtime 1:1
  mappings: 'AAAA,UAEI,UCFJ',
})

const FRAMES: readonly [frame: string, mapped: string | null][] = [
  ['    at main.js:1:11', '    at callback.ts:3:5'],
  ['    at async main.js:1:1', '    at async callback.ts:1:1'],
  ['    at handler (main.js:1:13)', '    at handler (callback.ts:3:5)'],
  [
    '    at async Object.fetch [as handler] (main.js:1:11)',
    '    at async Object.fetch [as handler] (callback.ts:3:5)',
  ],
  ['    at new Point (file:///srv/main.js?v=2:1:11)', '    at new Point (callback.ts:3:5)'],
  ['    at handler (callback.ts:7:7)', '    at handler (callback.ts:7:7)'],
  ['    at x (node_modules/a/b.js:1:2)', '    at x (node_modules/a/b.js:1:2)'],
  ['    at helper (main.js:1:25)', null],
  ['    at prelude.js:1:1', null],
  ['    at domain.js:1:1', null],
  ['    at Array.map (<anonymous>)', null],
  ['    at async Promise.all (index 0)', null],
  ['    at node:internal/process/task_queues:103:5', null],
  ['    at eval (eval at handler (main.js:1:11), <anonymous>:1:1)', null],
]
for (const [frame, mapped] of FRAMES) {
  test(frame.trim(), () => {
    const expected = mapped === null ? 'Error: x' : `Error: x\n${mapped}`
    assert.is(mapStack(`Error: x\n${frame}`, MAP), expected)
  })
}

test('at most 50 frames', () => {
  const stack = `RangeError: deep\n${'    at f (main.js:1:11)\n'.repeat(200)}`
  assert.is(mapStack(stack, MAP).split('\n').length, 51)
})

test('a map that is none: the message stays, no frame does', () => {
  for (const map of ['', '{', 'null', '{"version":3}', '{"version":3,"sources":1,"mappings":7}']) {
    assert.is(mapStack('Error: x\n    at main.js:1:11', map), 'Error: x', map)
  }
  assert.is(originalPosition('{', { line: 1, column: 1 }), null)
})

test('any text: it never throws, and mapping twice is mapping once', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(...FRAMES.map(([frame]) => frame)),
    fc
      .tuple(fc.string(), fc.integer(), fc.integer())
      .map(([name, a, b]) => `    at ${name} (main.js:${a}:${b})`),
  )
  fc.assert(
    fc.property(fc.array(line), fc.oneof(fc.constant(MAP), fc.string(), fc.json()), (lines, map) => {
      const once = mapStack(lines.join('\n'), map)
      assert.is(mapStack(once, map), once)
    }),
  )
})

test('a huge stack costs little', () => {
  const stack = `Error: ${'x'.repeat(30_000)}\n${'    at f (main.js:1:11)\n'.repeat(1_000_000)}`
  const began = performance.now()
  mapStack(stack, MAP)
  assert.ok(performance.now() - began < 1000)
})

test.run()
