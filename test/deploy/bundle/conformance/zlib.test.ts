// @slow
import * as zlib from 'node:zlib'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pack, unpack } from '../../../../src/deploy/bundle/node/zlib/formats.ts'
import { sameAsNode } from './compare.ts'

const test = suite('the same as in Node: zlib')

const FORMATS = [
  ['gzip', zlib.gzipSync, zlib.gunzipSync],
  ['deflate', zlib.deflateSync, zlib.inflateSync],
  ['deflate-raw', zlib.deflateRawSync, zlib.inflateRawSync],
] as const

/** Bytes as they occur: random ones, runs, and pieces that come again. */
const BYTES = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(255), fc.nat(3000)).map(([byte, count]) => new Uint8Array(count).fill(byte)),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat([...pieces, ...pieces.slice(0, 3)]))

test('Node reads what is packed here, and the other way round', () =>
  fc.assert(
    fc.property(BYTES, fc.nat(9), fc.constantFrom(...FORMATS), (bytes, level, [format, packed, unpacked]) => {
      assert.ok(bytes.equals(unpacked(pack(format, bytes, level))))
      assert.ok(bytes.equals(unpack(format, packed(bytes, { level }), 1e9)))
    }),
    { numRuns: 150 },
  ))

test('what is cut or changed is refused where Node refuses it, and never read as something else', () =>
  fc.assert(
    fc.property(BYTES, fc.nat(), fc.nat(255), (bytes, place, byte) => {
      const packed = zlib.gzipSync(bytes)
      packed[place % packed.length] = byte
      const [here, node] = [() => unpack('gzip', packed, 1e6), () => zlib.gunzipSync(packed)].map((read) => {
        try {
          return Buffer.from(read()).toString('hex')
        } catch {
          return 'refused'
        }
      })
      assert.is(here, node)
    }),
    { numRuns: 300 },
  ))

test('text is packed about as well as by zlib itself', () => {
  const text = Buffer.from(Array.from({ length: 4000 }, (_, n) => `line ${n % 97} of ${n}`).join('\n'))
  assert.ok(pack('gzip', text, 6).length < zlib.gzipSync(text).length * 1.1)
})

sameAsNode(
  test,
  `import zlib, { gzipSync, gunzipSync, inflateSync, unzipSync, createGzip, createGunzip, crc32 } from 'node:zlib'; import { promisify } from 'node:util'; import { pipeline } from 'node:stream/promises'; import { Readable } from 'node:stream'; import { text } from 'node:stream/consumers'`,
  {
    'at once': `return [String(gunzipSync(gzipSync('héllo'))), String(unzipSync(zlib.deflateSync('x'))), String(zlib.inflateRawSync(zlib.deflateRawSync(Buffer.from('raw'), { level: 9 }))), gunzipSync(Buffer.concat([gzipSync('a'), gzipSync('b')])).toString()]`,
    'by callbacks': `const out = []; for (const [a, b] of [['gzip', 'gunzip'], ['deflate', 'inflate'], ['deflateRaw', 'inflateRaw'], ['brotliCompress', 'brotliDecompress'], ['gzip', 'unzip'], ['deflate', 'unzip']]) out.push(String(await promisify(zlib[b])(await promisify(zlib[a])('x'.repeat(5000)))).length); return out`,
    'as streams': `return text(Readable.from([Buffer.from('ab'), Buffer.from('c'.repeat(70000))]).pipe(createGzip()).pipe(createGunzip()))`,
    'a bomb at once': `inflateSync(zlib.deflateSync(Buffer.alloc(1e6)), { maxOutputLength: 1000 })`,
    'a bomb by callback': `await promisify(zlib.gunzip)(gzipSync(Buffer.alloc(1e6)), { maxOutputLength: 1000 })`,
    'no gzip': `gunzipSync(Buffer.from('hello world'))`,
    'cut short': `gunzipSync(gzipSync('hello world').subarray(0, 12))`,
    'no gzip, by callback': `try { await promisify(zlib.gunzip)(Buffer.from('hello world')) } catch (error) { return error.code }`,
    'a pipeline that fails': `return pipeline(Readable.from([Buffer.from('no gzip at all')]), createGunzip()).catch((error) => error.code)`,
    'a wrong level': `gzipSync('x', { level: 12 })`,
    'no bytes': `gzipSync(5)`,
    crc32: `return [crc32('hello'), crc32(Buffer.from('lo'), crc32('hel')), zlib.constants.Z_BEST_COMPRESSION]`,
  },
)

test.run()
