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

  [
    'Headers',
    "const h = new Headers([['B', '2'], ['a', ' 1 ']]); h.append('A', '3'); h.append('set-cookie', 'x'); h.append('set-cookie', 'y'); return [[...h], h.getSetCookie(), h.get('nope')]",
    [
      [
        ['a', '1, 3'],
        ['b', '2'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ],
      ['x', 'y'],
      null,
    ],
  ],
  ['Headers with a bad name', throwsName("new Headers({ 'a b': '1' })"), 'TypeError'],
  ['Headers with a bad value', throwsName("new Headers({ a: 'x\\ny' })"), 'TypeError'],
  [
    'Request',
    "const r = new Request('http://x/#f', { method: 'post', body: 'é', headers: { a: 'b' } }); const c = r.clone(); return [r.method, r.url, r.headers.get('content-type'), await r.text(), r.bodyUsed, c.bodyUsed, await c.text()]",
    ['POST', 'http://x/#f', 'text/plain;charset=UTF-8', 'é', true, false, 'é'],
  ],
  [
    'Request from a Request',
    "const a = new Request('http://x/', { method: 'PUT', body: 'b' }); const b = new Request(a, { headers: { y: '1' } }); return [a.bodyUsed, b.method, await b.text(), b.headers.get('y')]",
    [true, 'PUT', 'b', '1'],
  ],
  ['Request: GET with a body', throwsName("new Request('http://x/', { body: '' })"), 'TypeError'],
  [
    'Response',
    "const r = new Response('x', { status: 201, statusText: 'Made', headers: { a: 'b' } }); return [r.status, r.ok, r.statusText, [...r.headers], r.type, r.url]",
    [
      201,
      true,
      'Made',
      [
        ['a', 'b'],
        ['content-type', 'text/plain;charset=UTF-8'],
      ],
      'default',
      '',
    ],
  ],
  [
    'Response.json, redirect, error',
    "return [await Response.json({ a: 1 }, { status: 202 }).text(), Response.redirect('http://x/', 301).headers.get('location'), Response.error().type]",
    ['{"a":1}', 'http://x/', 'error'],
  ],
  ['Response 204 with a body', throwsName("new Response('', { status: 204 })"), 'TypeError'],
  [
    'a body is read once',
    "const r = new Response('x'); await r.text(); return r.text().catch((e) => e.name)",
    'TypeError',
  ],
  [
    'body as a stream',
    "const r = new Response('abc'); const s = r.body; const used = r.bodyUsed; let n = 0; for await (const c of s) n += c.length; return [used, r.bodyUsed, n, s === r.body]",
    [false, true, 3, true],
  ],
  [
    'bytes and blob',
    "return [[...await new Response('ab').bytes()], (await new Response('ab', { headers: { 'content-type': 'a/b' } }).blob()).type, (await new Response(new Uint8Array([1,2,3]).subarray(1)).arrayBuffer()).byteLength]",
    [[97, 98], 'a/b', 2],
  ],

  [
    'streams',
    'const t = new TransformStream({ transform(c, k) { k.enqueue(c * 2) } }); const s = ReadableStream.from([1, 2]).pipeThrough(t); const out = []; for await (const c of s) out.push(c); return out',
    [2, 4],
  ],
  [
    'CompressionStream there and back',
    "const out = []; for (const f of ['gzip', 'deflate', 'deflate-raw', 'brotli']) { const s = new Blob(['héllo '.repeat(20000)]).stream().pipeThrough(new CompressionStream(f)).pipeThrough(new DecompressionStream(f)); out.push((await new Response(s).text()).length) } return out",
    [120000, 120000, 120000, 120000],
  ],
  [
    'DecompressionStream of junk',
    "return new Response(new Blob(['junk']).stream().pipeThrough(new DecompressionStream('gzip'))).text().catch((e) => e.name)",
    'TypeError',
  ],
  [
    'DecompressionStream cut short',
    "const z = new Uint8Array(await new Response(new Blob(['abcdef']).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()); return new Response(new Blob([z.slice(0, -3)]).stream().pipeThrough(new DecompressionStream('gzip'))).text().catch((e) => e.name)",
    'TypeError',
  ],

  [
    'crypto.getRandomValues',
    'const a = crypto.getRandomValues(new Uint32Array(64)); return [a.some((n) => n !== 0), crypto.getRandomValues(new Uint8Array(9000)).length]',
    [true, 9000],
  ],
  [
    'crypto.getRandomValues, too much',
    throwsName('crypto.getRandomValues(new Uint8Array(65537))'),
    'QuotaExceededError',
  ],
  [
    'crypto.randomUUID',
    'const n = new Set(Array.from({ length: 500 }, () => crypto.randomUUID())); return [n.size, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test([...n][0])]',
    [500, true],
  ],
  [
    'digest',
    "const d = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))); return d.toHex()",
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ],
  [
    'HMAC',
    "const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']); const data = new TextEncoder().encode('The quick brown fox jumps over the lazy dog'); const s = await crypto.subtle.sign('HMAC', k, data); return [new Uint8Array(s).toHex().slice(0, 16), await crypto.subtle.verify('HMAC', k, s, data), k.type, k.algorithm.hash.name, k.usages]",
    ['f7bc83f430538424', true, 'secret', 'SHA-256', ['sign', 'verify']],
  ],
  [
    'AES-GCM',
    "const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); const iv = new Uint8Array(12); const c = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, new Uint8Array([1, 2])); const raw = await crypto.subtle.exportKey('raw', k); return [c.byteLength, [...new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, structuredClone(k), c))], raw.byteLength]",
    [18, [1, 2], 32],
  ],
  [
    'ECDSA and JWK',
    "const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); const alg = { name: 'ECDSA', hash: 'SHA-256' }; const s = await crypto.subtle.sign(alg, privateKey, new Uint8Array(3)); const jwk = await crypto.subtle.exportKey('jwk', publicKey); const again = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']); return [await crypto.subtle.verify(alg, again, s, new Uint8Array(3)), jwk.kty]",
    [true, 'EC'],
  ],
  [
    'ECDH',
    "const make = () => crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']); const [a, b] = [await make(), await make()]; const x = await crypto.subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 256); const y = await crypto.subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey, 256); return new Uint8Array(x).toHex() === new Uint8Array(y).toHex()",
    true,
  ],
  [
    'PBKDF2',
    "const k = await crypto.subtle.importKey('raw', new TextEncoder().encode('password'), 'PBKDF2', false, ['deriveBits']); const b = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: new TextEncoder().encode('salt'), iterations: 2 }, k, 160); return new Uint8Array(b).toHex()",
    'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957',
  ],
  [
    'HKDF',
    "const k = await crypto.subtle.importKey('raw', new Uint8Array(22).fill(11), 'HKDF', false, ['deriveKey']); const d = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new Uint8Array(0) }, k, { name: 'AES-CBC', length: 128 }, true, ['encrypt']); return [d.algorithm.name, (await crypto.subtle.exportKey('raw', d)).byteLength]",
    ['AES-CBC', 16],
  ],
  [
    'a key that must not leave',
    "const k = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']); return crypto.subtle.exportKey('raw', k).catch((e) => [e.name, e instanceof DOMException])",
    ['InvalidAccessError', true],
  ],

  [
    'performance',
    'const a = performance.now(); return [a >= 0 && a < 60000, Math.abs(performance.timeOrigin + a - Date.now()) < 5]',
    [true, true],
  ],
  ['navigator', 'return [navigator.userAgent, self === globalThis]', ['faas-gateway-isolate', true]],
  [
    'process',
    'return [process.env.GREETING, process.env.NODE_ENV, typeof process.nextTick]',
    ['hi', 'production', 'function'],
  ],
  [
    'WebAssembly',
    "const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]); const { instance } = await WebAssembly.instantiate(bytes); const streamed = await WebAssembly.instantiateStreaming(new Response(bytes, { headers: { 'content-type': 'application/wasm' } })); return [instance.exports.f(), streamed.instance.exports.f(), (await WebAssembly.compile(bytes)) instanceof WebAssembly.Module]",
    [42, 42, true],
  ],
  [
    'fetch of a data address',
    "const r = await fetch('data:text/plain;base64,aGk='); return [await r.text(), r.headers.get('content-type')]",
    ['hi', 'text/plain'],
  ],
  ['fetch of something else', "return fetch('file:///etc/passwd').catch((e) => e.name)", 'TypeError'],
  [
    'what snapshots lack is back',
    'return [typeof SharedArrayBuffer, typeof Float16Array, new SharedArrayBuffer(8).byteLength, new Float16Array(2).length]',
    ['function', 'function', 8, 2],
  ],
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
