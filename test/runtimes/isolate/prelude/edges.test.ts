// @slow
import { suite } from 'uvu'
import { type Case, checkAll, evaluator, SKIP, skipSuite } from './evaluate.ts'

/** Corners of the interfaces that authors seldom see and packages ask for. */
const CASES: readonly Case[] = [
  [
    'attributes of decoders are those of the prototype',
    "const d = new TextDecoder('latin1'); return [Object.keys(d), d.encoding, 'fatal' in TextDecoder.prototype, TextDecoder.prototype.decode.length, Object.prototype.toString.call(d)]",
    [[], 'windows-1252', true, 0, '[object TextDecoder]'],
  ],
  [
    'encoders and decoders know their own',
    "try { TextEncoder.prototype.encode.call({}, 'x') } catch (e) { return e.name }",
    'TypeError',
  ],
  [
    'a decoder keeps half a character',
    'const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac]))',
    '€',
  ],
  [
    'the stack of a DOMException begins with its name and message',
    "class Mine extends DOMException { #x = 1; get x() { return this.#x } } const e = new Mine('m', 'DataError'); return [e instanceof Error, e.x, Object.getPrototypeOf(DOMException) === Function.prototype, Object.keys(e), e.stack.startsWith('DataError: m')]",
    [true, 1, true, [], true],
  ],
  [
    'a view that grows with its buffer does so as a clone',
    'const b = new ArrayBuffer(8, { maxByteLength: 16 }); const [grows, stays] = structuredClone([new Uint8Array(b), new Uint8Array(b, 0, 8)]); grows.buffer.resize(16); return [grows.length, stays.length, b.byteLength]',
    [16, 8, 8],
  ],
  [
    'a port that was sent is not sent again',
    'const { port1 } = new MessageChannel(); structuredClone(port1, { transfer: [port1] }); try { structuredClone(port1, { transfer: [port1] }) } catch (e) { return e.name }',
    'DataCloneError',
  ],
  [
    "a stream's iterator inherits from that of all asynchronous iterators",
    'const p = Object.getPrototypeOf(new ReadableStream().values()); return [Object.getPrototypeOf(p) === Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype)), Reflect.ownKeys(p).sort()]',
    [true, ['next', 'return']],
  ],
  [
    'the methods of the console need no argument',
    'return Object.values(console).filter((f) => f.length !== 0).length',
    0,
  ],
  [
    'imports of a module from bytes are looked at later',
    'let seen = 0; const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 109, 1, 102, 0, 0]); const p = WebAssembly.instantiate(bytes, { get m() { seen++; return { f() {} } } }); const before = seen; await p; return [before, seen, WebAssembly.instantiate.length]',
    [0, 1, 1],
  ],
  [
    'what is packed small comes out whole, in pieces',
    "const zeros = new Uint8Array(1_048_576); const source = new ReadableStream({ start(c) { for (let i = 0; i < 5; i++) c.enqueue(zeros); c.close() } }); const packed = await new Response(source.pipeThrough(new CompressionStream('gzip'))).bytes(); const sizes = []; for await (const piece of new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))) sizes.push(piece.length); return [packed.length < 10_000, Math.max(...sizes) <= 1_200_000, sizes.reduce((a, b) => a + b)]",
    [true, true, 5_242_880],
  ],
]

const test = suite('corners of the web platform in an isolate')
if (SKIP !== null) skipSuite(test, SKIP)
else
  test('each is as the standards have it', async () => {
    const { box, run } = await evaluator('snapshot')
    await using _ = box
    await checkAll(run, CASES)
  })
test.run()
