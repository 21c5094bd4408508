import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BundlerFixture, libraryOf } from './support.ts'

const test = suite('files of packages that are no code')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

/** A module that exports `add`, a function of two numbers. */
const WASM = Uint8Array.fromHex(
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
)
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

test('a .wasm file is a compiled module', async () => {
  await using library = await libraryOf({ 'it/package.json': '{"name":"it","main":"index.js"}' })
  const { writeFile } = await import('node:fs/promises')
  await writeFile(`${library.dir}/node_modules/it/add.wasm`, WASM)
  await writeFile(
    `${library.dir}/node_modules/it/index.js`,
    'import wasm from "./add.wasm?module"; export default wasm',
  )
  const callback = await fixture.load(
    "import wasm from 'it/add.wasm'; import own from 'it'; export default [wasm, own]",
    { libraryDir: library.dir },
  )
  for (const module of callback.default as WebAssembly.Module[]) {
    assert.ok(module instanceof WebAssembly.Module)
    const { add } = new WebAssembly.Instance(module).exports as { add(a: number, b: number): number }
    assert.is(add(2, 3), 5)
  }
})

test('texts are strings, data are buffers', async () => {
  await using library = await libraryOf({
    'it/package.json': '{"name":"it"}',
    'it/a.txt': 'text é',
    'it/b.html': '<p>',
    'it/c.sql': 'SELECT 1',
    'it/d.md': '# md',
    'it/e.bin': latin1(new Uint8Array([1, 2, 127])),
    'it/f.data': 'x',
    'it/g.json': '{"a":[1]}',
  })
  const callback = await fixture.load(
    `import a from 'it/a.txt'; import b from 'it/b.html'; import c from 'it/c.sql'; import d from 'it/d.md'
     import e from 'it/e.bin'; import f from 'it/f.data'; import g from 'it/g.json'
     export default [a, b, c, d, [...new Uint8Array(e)], f instanceof ArrayBuffer, f.byteLength, g]`,
    { libraryDir: library.dir },
  )
  assert.equal(callback.default, ['text é', '<p>', 'SELECT 1', '# md', [1, 2, 127], true, 1, { a: [1] }])
})

test('what is not imported costs nothing', async () => {
  await using library = await libraryOf({ 'it/package.json': '{"name":"it"}', 'it/a.txt': 'x'.repeat(5000) })
  const main = await fixture.main('export default () => 1', { libraryDir: library.dir })
  assert.ok(main.length < 400, `${main.length} characters`)
})

test.run()
