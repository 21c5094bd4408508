// @slow
import * as nodeCrypto from 'node:crypto'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OFFERED_BUILTINS } from '../../../src/deploy/bundle/builtins.ts'
import { BLOCK_BYTES, type DigestName, digest } from '../../../src/deploy/bundle/node/digests.ts'
import { BundlerFixture, evaluateBare } from './support.ts'

const test = suite('Node built-ins where there is no Node')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

/** Runs a function body with nothing of Node around it; what it returns is made plain by JSON. */
async function run(imports: string, body: string, env?: Record<string, string>): Promise<unknown> {
  const main = await fixture.main(
    `${imports}\nexport default async () => JSON.stringify(await (async () => {${body}})())`,
  )
  const handler = evaluateBare(main, env).default as () => Promise<string>
  return JSON.parse((await handler()) ?? 'null')
}

for (const name of OFFERED_BUILTINS) {
  for (const form of [
    `import whole from 'node:${name}'`,
    `import * as whole from '${name}'`,
    `const whole = require('${name}')`,
  ]) {
    test(form, async () => {
      const code = form.startsWith('const')
        ? `${form}\nexports.default = whole`
        : `${form}\nexport default whole`
      const callback = evaluateBare(await fixture.main(code))
      const whole = (callback.default as { default?: object }).default ?? callback.default
      assert.ok(whole !== undefined && whole !== null)
    })
  }
}

test('assert', async () => {
  const said = await run(
    "import assert, { AssertionError, strict } from 'assert'; import { deepEqual } from 'node:assert/strict'",
    `const said = []
     const hear = async (work) => { try { await work(); said.push('passed') } catch (e) { said.push(e instanceof AssertionError ? e.message : e.name) } }
     await hear(() => assert(1)); await hear(() => assert.equal(1, '1')); await hear(() => strict.equal(1, '1'))
     await hear(() => assert.deepStrictEqual({ a: [1, new Map([[1, new Set([2])]])] }, { a: [1, new Map([[1, new Set([2])]])] }))
     await hear(() => assert.deepEqual({ a: 1 }, { a: '1' })); await hear(() => deepEqual({ a: 1 }, { a: '1' }))
     await hear(() => assert.throws(() => { throw new TypeError('no') }, TypeError))
     await hear(() => assert.throws(() => { throw new Error('no') }, TypeError))
     await hear(() => assert.throws(() => {})); await hear(() => assert.rejects(Promise.reject(new Error('x')), /x/))
     await hear(() => assert.match('abc', /d/, 'said so')); return said`,
  )
  assert.equal(said, [
    'passed',
    'passed',
    "Expected values to be strictly equal:\n\n1 !== '1'\n",
    'passed',
    'passed',
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  {\n+   a: 1\n-   a: '1'\n  }\n",
    'passed',
    'The error is expected to be an instance of "TypeError". Received "Error"\n\nError message:\n\nno',
    'Missing expected exception.',
    'passed',
    'said so',
  ])
})

test('buffer, and Buffer without an import', async () => {
  const body = `const b = Buffer.from('héllo €'); return [b.toString('base64'), b.toString('hex'), b.length,
    Buffer.concat([b, Buffer.alloc(2, 1)]).length, b.readUInt16BE(0), Buffer.isBuffer(b), b.equals(Buffer.from(b))]`
  const expected = ['aMOpbGxvIOKCrA==', '68c3a96c6c6f20e282ac', 10, 12, 0x68c3, true, true]
  assert.equal(await run('', body), expected)
  assert.equal(await run("import { Buffer } from 'buffer'", body), expected)
})

test('crypto: digests and their HMACs are those of Node', async () => {
  const body = `return ['md5','sha1','sha224','sha256','sha384','SHA-512'].map((name) => [
    createHash(name).update('a').update(Buffer.from('bc')).digest('hex'), createHmac(name, 'k'.repeat(200)).update('data').digest('base64')])`
  const found = await run("import { createHash, createHmac } from 'crypto'", body)
  const expected = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => [
    nodeCrypto.createHash(name).update('abc').digest('hex'),
    nodeCrypto.createHmac(name, 'k'.repeat(200)).update('data').digest('base64'),
  ])
  assert.equal(found, expected)
})

test('crypto: digests of any bytes', () => {
  const names = Object.keys(BLOCK_BYTES) as DigestName[]
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 300 }), (name, bytes) => {
      const expected = nodeCrypto.createHash(name).update(bytes).digest('hex')
      assert.is(Buffer.from(digest(name, bytes)).toString('hex'), expected)
    }),
    { numRuns: 300 },
  )
})

test('crypto: randomness and comparison', async () => {
  const found = await run(
    "import { randomBytes, randomUUID, randomInt, timingSafeEqual, webcrypto } from 'crypto'",
    `const ints = Array.from({ length: 200 }, () => randomInt(5, 8))
     return [randomBytes(70000).length, randomUUID().length, Math.min(...ints), Math.max(...ints),
       timingSafeEqual(Buffer.from('a'), Buffer.from('a')), timingSafeEqual(Buffer.from('a'), Buffer.from('b')),
       await new Promise((resolve) => randomBytes(3, (error, bytes) => resolve(bytes.length))), typeof webcrypto.subtle]`,
  )
  assert.equal(found, [70000, 36, 5, 7, true, false, 3, 'object'])
})

test('events', async () => {
  const found = await run(
    "import { EventEmitter, once, listenerCount, setMaxListeners } from 'events'",
    `class Door extends EventEmitter {} ; const door = new Door(); const seen = []
     setMaxListeners(20, door); door.on('open', (x) => seen.push(x)); door.once('open', (x) => seen.push(-x))
     const next = once(door, 'open'); door.emit('open', 1); door.emit('open', 2)
     return [seen, await next, listenerCount(door, 'open'), door.getMaxListeners()]`,
  )
  assert.equal(found, [[1, -1, 2], [1], 1, 20])
})

test('util', async () => {
  const found = await run(
    "import util, { promisify, callbackify, format, inspect, inherits, isDeepStrictEqual, types } from 'util'",
    `const circle = { name: 'c' }; circle.self = circle
     function A() {} function B() {} ; B.prototype.own = 1; inherits(B, A)
     return [await promisify((x, done) => done(null, x + 1))(1), await new Promise((r) => callbackify(async () => 5)((e, v) => r(v))),
       format('%s is %d, %j %o %% %s', 'x', '42', { a: 1 }, [1], 'y', 'z'), inspect(circle), inspect({ a: { b: { c: { d: 1 } } } }),
       inspect([new Map([['k', new Set([1])]]), Symbol('s'), -0, 10n, 'it\\'s', null, undefined, class X {}, () => {}]),
       [new B() instanceof A, new B().own], isDeepStrictEqual([{ a: new Date(1) }], [{ a: new Date(1) }]), isDeepStrictEqual({ a: 1 }, { a: '1' }),
       types.isUint8Array(Buffer.alloc(1)), types.isAsyncFunction(async () => {}), types.isDate({ [Symbol.toStringTag]: 'Date' }),
       util.stripVTControlCharacters('\\u001b[31mred\\u001b[0m')]`,
  )
  assert.equal(found, [
    2,
    5,
    'x is 42, {"a":1} [ 1, [length]: 1 ] % y z',
    "<ref *1> { name: 'c', self: [Circular *1] }",
    '{ a: { b: { c: [Object] } } }',
    "[\n  Map(1) { 'k' => Set(1) { 1 } },\n  Symbol(s),\n  -0,\n  10n,\n  \"it's\",\n  null,\n  undefined,\n  [class X],\n  [Function (anonymous)]\n]",
    [true, 1],
    true,
    false,
    true,
    true,
    false,
    'red',
  ])
})

test('path, url, querystring, punycode, os', async () => {
  const found = await run(
    "import path from 'path'; import url, { fileURLToPath } from 'url'; import qs from 'querystring'; import punycode from 'punycode'; import os from 'os'",
    `return [path.join('/a', '../b', 'c.txt'), path.extname('x.tar.gz'), path.posix.basename('/a/b.js', '.js'), url.parse('http://u@h:1/p?q=1').pathname,
      fileURLToPath('file:///a/b'), qs.parse('a=1&a=2&b=%20'), punycode.toASCII('mañana.com'), os.EOL]`,
  )
  assert.equal(found, [
    '/b/c.txt',
    '.gz',
    'b',
    '/p',
    '/a/b',
    { a: ['1', '2'], b: ' ' },
    'xn--maana-pta.com',
    '\n',
  ])
})

test('process: its environment is the guest’s own object; the rest is harmless or says no', async () => {
  const found = await run(
    "import proc, { env } from 'process'",
    `process.env.NEW = 'n'; let said; try { process.exit(1) } catch (error) { said = error.message }
     return [process.env.TOWN, env.NEW, env === process.env, proc === process, process.cwd(), process.platform, process.versions.node ?? 'none',
       await new Promise((resolve) => process.nextTick(resolve, 'ticked')), process.hrtime.bigint() > 0n, typeof process.hrtime([0, 0])[1], said]`,
    { TOWN: 'Köln' },
  )
  const said = 'process.exit is not available in an isolate: deploy with c_type docker'
  assert.equal(found, ['Köln', 'n', true, true, '/', 'linux', 'none', 'ticked', true, 'number', said])
})

test('string_decoder: bytes cut anywhere give whole text', () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('utf8', 'utf16le', 'base64', 'hex'),
      fc.integer({ min: 1, max: 5 }),
      async (text, encoding, size) => {
        const { StringDecoder } = await import('../../../src/deploy/bundle/node/string-decoder.ts')
        const bytes = Buffer.from(text)
        const wide = encoding === 'utf16le' ? Buffer.from(text, 'utf16le') : bytes
        const decoder = new StringDecoder(encoding)
        let out = ''
        for (let at = 0; at < wide.length; at += size) out += decoder.write(wide.subarray(at, at + size))
        assert.is(out + decoder.end(), wide.toString(encoding as BufferEncoding))
      },
    ),
    { numRuns: 200 },
  ))

test('timers: immediates, promises and their abort', async () => {
  const found = await run(
    "import { setTimeout as sleep, setInterval as every, scheduler } from 'timers/promises'; import { setImmediate as soon } from 'timers'",
    `const seen = []; for await (const x of every(1, 'tick')) { seen.push(x); if (seen.length === 2) break }
     const stopped = await sleep(60000, 0, { signal: AbortSignal.abort(new Error('stop')) }).catch((e) => e.message)
     await scheduler.wait(1); const dropped = setImmediate(() => seen.push('dropped')); clearImmediate(dropped)
     return [seen, stopped, await sleep(1, 'slept'), await new Promise((r) => setImmediate(r, 'immediate')), await new Promise((r) => soon(r, 'soon'))]`,
  )
  assert.equal(found, [['tick', 'tick'], 'The operation was aborted', 'slept', 'immediate', 'soon'])
})

const CONTEXT = `
  const storage = new AsyncLocalStorage()
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  async function* counting(n) { yield storage.getStore(); await sleep(n % 3); yield storage.getStore() }
  async function call(n) {
    const seen = [storage.getStore()]
    await sleep(n % 4); seen.push(storage.getStore())
    for await (const value of counting(n)) seen.push(value)
    seen.push(await Promise.resolve().then(() => storage.getStore()))
    await new Promise((resolve) => queueMicrotask(() => { seen.push(storage.getStore()); resolve() }))
    try { await Promise.reject(new Error()) } catch { seen.push(storage.getStore()) }
    return seen.every((value) => value === n)
  }`

test('AsyncLocalStorage follows each of many calls through every await', async () => {
  const found = await run(
    "import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'",
    `${CONTEXT}
     const calls = await Promise.all(Array.from({ length: 20 }, (_, n) => storage.run(n, call, n)))
     const resource = storage.run('bound', () => new AsyncResource('r'))
     return [calls.every(Boolean), storage.getStore() ?? 'none', resource.runInAsyncScope(() => storage.getStore()),
       storage.run(1, () => storage.exit(() => storage.getStore() ?? 'out'))]`,
  )
  assert.equal(found, [true, 'none', 'bound', 'out'])
})

test('without AsyncLocalStorage async functions stay what they are', async () => {
  const plain = await fixture.main(
    "import { EventEmitter } from 'events'; export default async () => new EventEmitter()",
  )
  assert.match(plain, /async\(\)=>/)
  const lowered = await fixture.main(
    "import { AsyncLocalStorage } from 'async_hooks'; export default async () => new AsyncLocalStorage()",
  )
  assert.not.match(lowered, /async ?\(\)=>/)
})

test('only what is named is bundled', async () => {
  assert.not.match(await fixture.main('export default () => process.env.A'), /nextTick/)
  assert.match(await fixture.main('export default () => process.nextTick'), /nextTick/)
  assert.ok((await fixture.main('export default () => 1')).length < 400)
})

test.run()
