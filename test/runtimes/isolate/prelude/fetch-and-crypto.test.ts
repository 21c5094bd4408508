// @slow
import { suite } from 'uvu'
import { type Case, checkAll, evaluator, SKIP, skipSuite } from './evaluate.ts'

const throwsName = (source: string) => `try { ${source}; return 'nothing' } catch (e) { return e.name }`

const CASES: Case[] = [
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
  const test = suite(`fetch classes, streams and crypto in an isolate, ${mode}`)
  if (SKIP !== null) skipSuite(test, SKIP)
  else
    test('every interface does its basics', async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      await checkAll(run, CASES)
    })
  test.run()
}
