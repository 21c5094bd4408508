// @slow
import { suite } from 'uvu'
import { type Case, checkAll, evaluator, SKIP, skipSuite } from './evaluate.ts'

const INTERFACES = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'ByteLengthQueuingStrategy',
  'CompressionStream',
  'CountQueuingStrategy',
  'Crypto',
  'CryptoKey',
  'CustomEvent',
  'DecompressionStream',
  'DOMException',
  'ErrorEvent',
  'Event',
  'EventTarget',
  'File',
  'FormData',
  'Headers',
  'MessageChannel',
  'MessageEvent',
  'MessagePort',
  'Performance',
  'PromiseRejectionEvent',
  'ReadableByteStreamController',
  'ReadableStream',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'Request',
  'Response',
  'SubtleCrypto',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'URL',
  'URLPattern',
  'URLSearchParams',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
]
const FUNCTIONS = [
  'addEventListener',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'dispatchEvent',
  'fetch',
  'queueMicrotask',
  'removeEventListener',
  'reportError',
  'setInterval',
  'setTimeout',
  'structuredClone',
]

const throwsName = (source: string) => `try { ${source}; return 'nothing' } catch (e) { return e.name }`

const CASES: Case[] = [
  [
    'interfaces',
    `return ${JSON.stringify(INTERFACES)}.filter((n) => typeof globalThis[n] !== 'function' || globalThis[n].name !== n || Object.keys(globalThis).includes(n))`,
    [],
  ],
  [
    'string tags',
    `return ${JSON.stringify(INTERFACES)}.filter((n) => globalThis[n].prototype[Symbol.toStringTag] !== n)`,
    [],
  ],
  [
    'functions',
    `return ${JSON.stringify(FUNCTIONS)}.filter((n) => typeof globalThis[n] !== 'function' || globalThis[n].name !== n)`,
    [],
  ],
  [
    'constructors that are not',
    'return [AbortSignal, CryptoKey, Crypto, SubtleCrypto, Performance, MessagePort].filter((C) => { try { new C(); return true } catch { return false } }).length',
    0,
  ],

  [
    'URL',
    "const u = new URL('../b?x=1&y=é#h', 'http://user@EXAMPLE.com:80/a/c/d'); return [u.href, u.port, u.searchParams.get('y')]",
    ['http://user@example.com/a/b?x=1&y=%C3%A9#h', '', 'é'],
  ],
  [
    'URL with a name in another script',
    "return new URL('http://bücher.example/').hostname",
    'xn--bcher-kva.example',
  ],
  ['URL with a name that is none', throwsName("new URL('http://\\u00ad/')"), 'TypeError'],
  [
    'URLPattern',
    "return new URLPattern({ pathname: '/a/:id' }).exec('http://x/a/7').pathname.groups.id",
    '7',
  ],
  [
    'URLSearchParams',
    "const p = new URLSearchParams({ a: '1' }); p.append('a', '2 3'); return [String(p), p.getAll('a')]",
    ['a=1&a=2+3', ['1', '2 3']],
  ],

  [
    'TextEncoder',
    "return [...new TextEncoder().encode('é€😀\\ud800')]",
    [195, 169, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189],
  ],
  [
    'TextDecoder',
    "return [new TextDecoder().decode(new Uint8Array([0xef,0xbb,0xbf,0x68,0xff])), new TextDecoder('utf-16le').decode(new Uint8Array([0x61,0]))]",
    ['h\ufffd', 'a'],
  ],
  [
    'TextDecoder, fatal',
    throwsName("new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))"),
    'TypeError',
  ],
  [
    'TextDecoderStream',
    "const s = new Blob(['h\u00e9']).stream().pipeThrough(new TextDecoderStream()); let t = ''; for await (const c of s) t += c; return t",
    'hé',
  ],
  ['atob and btoa', "return [btoa('h\\xff'), atob(' aP8= ')]", ['aP8=', 'h\xff']],
  ['atob of what is not base64', throwsName("atob('a')"), 'InvalidCharacterError'],
  ['btoa beyond Latin-1', throwsName("btoa('€')"), 'InvalidCharacterError'],

  [
    'DOMException',
    "const e = new DOMException('m', 'AbortError'); return [e.code, e instanceof Error, DOMException.ABORT_ERR, String(e), e.stack.includes('m')]",
    [20, true, 20, 'AbortError: m', true],
  ],
  [
    'events',
    "const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => seen.push(e.target === t, e.isTrusted), { once: true }); t.addEventListener('x', { handleEvent(e) { e.preventDefault() } }); const r = t.dispatchEvent(new Event('x', { cancelable: true })); t.dispatchEvent(new Event('x')); return [seen, r]",
    [[true, false], false],
  ],
  [
    'a listener that throws',
    "const seen = []; const stop = (e) => { seen.push(e.message); e.preventDefault() }; addEventListener('error', stop); const t = new EventTarget(); t.addEventListener('x', () => { throw new Error('boo') }); t.dispatchEvent(new Event('x')); removeEventListener('error', stop); return seen",
    ['Uncaught Error: boo'],
  ],
  [
    'AbortSignal.any',
    "const c = new AbortController(); const s = AbortSignal.any([c.signal, AbortSignal.timeout(5000)]); c.abort('why'); return [s.aborted, s.reason]",
    [true, 'why'],
  ],
  [
    'AbortSignal.timeout',
    'const s = AbortSignal.timeout(1); await new Promise((r) => { s.onabort = r }); return s.reason.name',
    'TimeoutError',
  ],

  [
    'timers in order',
    "const seen = []; await new Promise((done) => { setTimeout(() => { seen.push('c'); done() }, 4); setTimeout(() => seen.push('b'), 1); setTimeout(() => seen.push('never'), 1.5 ) && clearTimeout; queueMicrotask(() => seen.push('a')) }); return seen.filter((s) => s !== 'never')",
    ['a', 'b', 'c'],
  ],
  [
    'clearTimeout',
    'let hit = false; const id = setTimeout(() => { hit = true }, 1); clearTimeout(id); await new Promise((r) => setTimeout(r, 5)); return hit',
    false,
  ],
  [
    'setInterval',
    'let n = 0; await new Promise((r) => { const id = setInterval((a) => { n += a; if (n === 6) { clearInterval(id); r() } }, 1, 2) }); return n',
    6,
  ],

  [
    'structuredClone',
    "const a = { d: new Date(5), m: new Map([[1, new Set([2])]]), r: /x/gi, e: new RangeError('m', { cause: 1 }), b: new Uint8Array([1, 2]).subarray(1), n: -0, u: undefined }; a.self = a; const c = structuredClone(a); return [c !== a && c.self === c, c.d.getTime(), c.m.get(1).has(2), String(c.r), c.e instanceof RangeError && c.e.cause, c.b[0], Object.is(c.n, -0), 'u' in c]",
    [true, 5, true, '/x/gi', 1, 2, true, true],
  ],
  [
    'structuredClone, transfer',
    'const b = new ArrayBuffer(8); const v = new Uint8Array(b); v[0] = 9; const c = structuredClone({ b, v }, { transfer: [b] }); return [b.detached, c.v.buffer === c.b, c.v[0]]',
    [true, true, 9],
  ],
  ['structuredClone of a function', throwsName('structuredClone({ f() {} })'), 'DataCloneError'],
  ['structuredClone of a Response', throwsName('structuredClone(new Response())'), 'DataCloneError'],
  [
    'MessageChannel',
    'const { port1, port2 } = new MessageChannel(); const got = new Promise((r) => { port2.onmessage = (e) => r(e.data) }); port1.postMessage({ a: [1] }); return got',
    { a: [1] },
  ],

  [
    'Blob',
    "const b = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/X' }); return [b.size, b.type, await b.text(), await b.slice(-3, -1, 'y').text(), b.slice(1, 2, 'y').type]",
    [4, 'text/x', 'abcd', 'bc', 'y'],
  ],
  [
    'File',
    "const f = new File(['x'], 'n.txt', { lastModified: 3 }); return [f instanceof Blob, f.name, f.lastModified, f.size]",
    [true, 'n.txt', 3, 1],
  ],
  [
    'FormData there and back',
    "const d = new FormData(); d.append('a', '1\\n2'); d.append('f\"', new File(['\\x00\\r\\nz'], 'q\"é.bin', { type: 'a/b' })); d.append('e', ''); const r = new Response(d); const back = await r.formData(); const f = back.get('f\"'); return [back.get('a'), f.name, f.type, await f.text(), back.get('e'), [...back.keys()]]",
    ['1\r\n2', 'q"é.bin', 'a/b', '\0\r\nz', '', ['a', 'f"', 'e']],
  ],
  [
    'FormData, urlencoded',
    "return [...await new Response(new URLSearchParams('a=1&a=2+')).formData()]",
    [
      ['a', '1'],
      ['a', '2 '],
    ],
  ],
  ['FormData of something else', "return new Response('x').formData().catch((e) => e.name)", 'TypeError'],
]

for (const mode of ['snapshot', 'compiled'] as const) {
  const test = suite(`the web platform in an isolate, ${mode}`)
  if (SKIP !== null) skipSuite(test, SKIP)
  else
    test('every interface does its basics', async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      await checkAll(run, CASES)
    })
  test.run()
}
