// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BundlerFixture, evaluateBare, libraryOf } from './support.ts'

const test = suite('built-ins that are absent, imported by packages')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

/** What a callback's default export gives, with one made-up package beside it. */
async function run(module: string, body: string, type = 'commonjs'): Promise<unknown> {
  await using library = await libraryOf({
    'it/package.json': JSON.stringify({ name: 'it', main: 'index.js', type }),
    'it/index.js': module,
  })
  const main = await fixture.main(
    `import * as it from 'it'; export default async () => {
      const run = async () => { ${body} }
      return JSON.stringify(await run().catch((error) => error.message))
    }`,
    { libraryDir: library.dir },
  )
  return JSON.parse(await (evaluateBare(main).default as () => Promise<string>)())
}

const SENTENCE = (what: string) =>
  `Cannot use ${what} in an isolate: it is not available there; deploy with c_type docker to run on a whole Node`

test('a static import is no failure: its use is', async () => {
  const module = `import fs, { readFileSync } from 'node:fs'; import * as net from 'net'; import { Agent } from 'node:https'
    class Pool extends Agent {}
    export const read = () => readFileSync('/x'), whole = () => fs.promises.readFile('/x'), connect = () => net.connect(1), pool = () => new Pool()
    export const seen = [typeof readFileSync, fs.existsSync('/x')]`
  assert.equal(await run(module, 'return it.seen', 'module'), ['function', false])
  assert.is(await run(module, 'it.read()', 'module'), SENTENCE('readFileSync of node:fs'))
  assert.is(await run(module, 'it.whole()', 'module'), SENTENCE('readFile of promises of node:fs'))
  assert.is(await run(module, 'it.connect()', 'module'), SENTENCE('connect of node:net'))
  assert.is(await run(module, 'it.pool()', 'module'), SENTENCE('Agent of node:https'))
})

test('so is a `require` that nothing guards', async () => {
  const module = `const { readFile } = require('fs'); const later = require('util').promisify(readFile)
    exports.read = () => later('/x'); exports.kind = readFile instanceof Error || typeof readFile.prototype`
  assert.is(await run(module, 'return it.kind'), 'object')
  assert.is(await run(module, 'await it.read()'), SENTENCE('readFile of node:fs'))
})

test('a `require` in a `try` throws, and `import()` rejects: such code has another way ready', async () => {
  const module = `let fs; try { fs = require('fs') } catch (error) { exports.why = error.message }
    exports.fs = typeof fs
    exports.load = () => import('node:net').then(() => 'loaded', (error) => error.message)`
  assert.equal(await run(module, 'return [it.fs, it.why, await it.load()]'), [
    'undefined',
    SENTENCE('node:fs'),
    SENTENCE('node:net'),
  ])
})

test('a file that requires one module in both ways does not guard it', async () => {
  const module = "try { require('fs').x } catch {} const fs = require('fs'); exports.kind = typeof fs"
  assert.is(await run(module, 'return it.kind'), 'function')
})

test('what packages ask to learn where they are has a true answer', async () => {
  const module = `import { isMainThread, parentPort } from 'worker_threads'; import tty from 'tty'; import { createRequire } from 'module'
    const require = createRequire(import.meta.url)
    export const seen = [isMainThread, parentPort, tty.isatty(1)], load = () => require('left-pad')`
  assert.equal(await run(module, 'return it.seen', 'module'), [true, null, false])
  assert.is(await run(module, 'it.load()', 'module'), SENTENCE('require("left-pad") by createRequire'))
})

test('a stand-in is no promise, and ends every walk along prototypes', async () => {
  const module = "const fs = require('fs'); exports.fs = fs"
  assert.equal(await run(module, 'return [(await it.fs) === it.fs, it.fs instanceof Map, String(it.fs.x)]'), [
    true,
    false,
    'function () { [native code] }',
  ])
})

test('built-ins of another platform are absent as those of Node are', async () => {
  const module = "import { connect } from 'cloudflare:sockets'; export const open = () => connect('x')"
  assert.is(await run(module, 'it.open()', 'module'), SENTENCE('connect of cloudflare:sockets'))
})

test('a name that a built-in lacks fails when it is used', async () => {
  const module = `import { createHash, createSign } from 'crypto'; import * as all from 'crypto'
    export const md5 = createHash('md5').update('').digest('hex').length, sign = () => createSign('x'), has = typeof all.createVerify`
  assert.equal(await run(module, 'return [it.md5, it.has]', 'module'), [32, 'undefined'])
  assert.is(await run(module, 'it.sign()', 'module'), SENTENCE('createSign of node:crypto'))
})

test.run()
