// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Case, checkAll, evaluator, SKIP, skipSuite } from './evaluate.ts'

const test = suite('WebCrypto in an isolate')

const nameOf = (call: string) => `return ${call}.then(() => 'nothing', (e) => e.name)`
const HMAC = "{ name: 'HMAC', hash: 'SHA-256' }"
const KEY = `await crypto.subtle.importKey('raw', new TextEncoder().encode('key'), ${HMAC}, false, ['sign', 'verify'])`

const CASES: Case[] = [
  [
    'digests of few bytes and of many are the same function',
    `const out = []
     for (const name of ['SHA-1', 'sha-256', 'SHA-384', 'SHA-512', 'SHA3-256'])
       for (const size of [0, 16384, 16385]) out.push(new Uint8Array(await crypto.subtle.digest(name, new Uint8Array(size))).toHex().slice(0, 8))
     return out`,
    // What OpenSSL's command line says of so many zeros.
    [
      'da39a3ee',
      '897256b6',
      '3b943063',
      'e3b0c442',
      '4fe7b59a',
      '4465d89d',
      '38b060a7',
      '65b1f43f',
      'c66c8726',
      'cf83e135',
      '6eb7f16c',
      '330eb1aa',
      'a7ffc6f8',
      'e95e7ae1',
      '18b1a2d8',
    ],
  ],
  [
    'a digest that nobody knows',
    nameOf("crypto.subtle.digest('SHA-2', new Uint8Array(1))"),
    'NotSupportedError',
  ],
  [
    'the hash of what was there when it was asked for',
    "const data = new Uint8Array(20000); const first = crypto.subtle.digest('SHA-256', data); data.fill(1); const again = crypto.subtle.digest('SHA-256', new Uint8Array(20000)); return new Uint8Array(await first).toHex() === new Uint8Array(await again).toHex()",
    true,
  ],
  [
    'HMAC of few bytes and of many',
    `const key = ${KEY}; const out = []
     for (const size of [10, 16385]) { const data = new Uint8Array(size); const s = await crypto.subtle.sign('HMAC', key, data); const bad = new Uint8Array(s).map((b) => b ^ 1); out.push(await crypto.subtle.verify('HMAC', key, s, data), await crypto.subtle.verify('HMAC', key, bad, data), await crypto.subtle.verify('HMAC', key, s.slice(1), data)) }
     return out`,
    [true, false, false, true, false, false],
  ],
  [
    'HMAC keys do only what they are for',
    `const key = await crypto.subtle.importKey('raw', new Uint8Array(8), ${HMAC}, false, ['verify']); return crypto.subtle.sign('HMAC', key, new Uint8Array(1)).then(() => 'nothing', (e) => e.name)`,
    'InvalidAccessError',
  ],
  [
    'HMAC keys of a length that is no number of bytes',
    `const data = new Uint8Array(3); const all = [];
     for (const length of [16, 13]) { const key = await crypto.subtle.importKey('raw', new Uint8Array([255, 255]), { ...${HMAC}, length }, true, ['sign']); all.push(new Uint8Array(await crypto.subtle.sign('HMAC', key, data)).toHex()) }
     return all[0] !== all[1]`,
    true,
  ],
  [
    'a key of another algorithm',
    `const key = ${KEY}; return crypto.subtle.sign('Ed25519', key, new Uint8Array(1)).then(() => 'nothing', (e) => e.name)`,
    'InvalidAccessError',
  ],
  [
    'Ed25519 and X25519',
    `const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']); const s = await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(3))
     const x = await crypto.subtle.generateKey('X25519', false, ['deriveBits']); const bits = await crypto.subtle.deriveBits({ name: 'X25519', public: x.publicKey }, x.privateKey, 128)
     return [await crypto.subtle.verify('Ed25519', publicKey, s, new Uint8Array(3)), bits.byteLength]`,
    [true, 16],
  ],
  [
    'ML-KEM',
    `const { publicKey, privateKey } = await crypto.subtle.generateKey('ML-KEM-768', false, ['encapsulateBits', 'decapsulateBits', 'encapsulateKey', 'decapsulateKey'])
     const { sharedKey, ciphertext } = await crypto.subtle.encapsulateBits('ML-KEM-768', publicKey)
     const same = await crypto.subtle.decapsulateBits('ML-KEM-768', privateKey, ciphertext)
     const made = await crypto.subtle.encapsulateKey('ML-KEM-768', publicKey, 'AES-GCM', true, ['encrypt'])
     const key = await crypto.subtle.decapsulateKey('ML-KEM-768', privateKey, made.ciphertext, 'AES-GCM', true, ['encrypt'])
     const raw = async (k) => new Uint8Array(await crypto.subtle.exportKey('raw', k)).toHex()
     return [new Uint8Array(sharedKey).toHex() === new Uint8Array(same).toHex(), await raw(key) === await raw(made.sharedKey), key instanceof CryptoKey]`,
    [true, true, true],
  ],
  [
    'ML-DSA and the public part of a key',
    `const { privateKey } = await crypto.subtle.generateKey('ML-DSA-44', false, ['sign', 'verify']); const publicKey = await crypto.subtle.getPublicKey(privateKey, ['verify'])
     const context = new Uint8Array([1]); const s = await crypto.subtle.sign({ name: 'ML-DSA-44', context }, privateKey, new Uint8Array(3))
     return [publicKey.type, await crypto.subtle.verify({ name: 'ML-DSA-44', context }, publicKey, s, new Uint8Array(3)), await crypto.subtle.verify('ML-DSA-44', publicKey, s, new Uint8Array(3))]`,
    ['public', true, false],
  ],
  [
    'wrapping a key',
    `const wrapping = await crypto.subtle.generateKey({ name: 'AES-KW', length: 256 }, false, ['wrapKey', 'unwrapKey']); const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])
     const wrapped = await crypto.subtle.wrapKey('raw', key, wrapping, 'AES-KW'); const again = await crypto.subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-GCM', true, ['encrypt'])
     return new Uint8Array(await crypto.subtle.exportKey('raw', again)).toHex() === new Uint8Array(await crypto.subtle.exportKey('raw', key)).toHex()`,
    true,
  ],
  [
    'a key as JSON whose members look like handles',
    nameOf(
      "crypto.subtle.importKey('jwk', { kty: 'oct', k: 'AAAA', key: 1 }, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])",
    ),
    'nothing',
  ],
  [
    'keys cannot be forged',
    nameOf("crypto.subtle.exportKey('raw', Object.create(CryptoKey.prototype))"),
    'TypeError',
  ],
  [
    'methods on the wrong object',
    nameOf("SubtleCrypto.prototype.digest.call({}, 'SHA-1', new Uint8Array(1))"),
    'TypeError',
  ],
  [
    'an algorithm that contains itself',
    nameOf(
      "(() => { const a = { name: 'HMAC' }; a.hash = a; return crypto.subtle.generateKey(a, false, ['sign']) })()",
    ),
    'NotSupportedError',
  ],
  [
    'work without measure is refused',
    `const key = await crypto.subtle.importKey('raw', new Uint8Array(4), 'PBKDF2', false, ['deriveBits', 'deriveKey']); const salt = new Uint8Array(8); const hash = 'SHA-256'
     const name = (p) => p.then(() => 'nothing', (e) => e.name)
     return [
       await name(crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations: 4e9 }, key, 256)),
       await name(crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations: 100000 }, key, 8000000)),
       await name(crypto.subtle.deriveKey({ name: 'PBKDF2', hash, salt, iterations: 100000 }, key, { name: 'HMAC', hash, length: 8000000 }, true, ['sign'])),
       await name(crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations: '4e9' }, key, 256)),
       await name(crypto.subtle.generateKey({ name: 'RSA-PSS', hash, modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]) }, false, ['sign'])),
       await name(crypto.subtle.generateKey({ name: 'HMAC', hash, length: 2 ** 31 }, false, ['sign'])),
       await name(crypto.subtle.digest({ name: 'cSHAKE128', outputLength: 2 ** 31 }, salt)),
     ]`,
    Array.from({ length: 7 }, () => 'NotSupportedError'),
  ],
  [
    'many operations at once all come to their end',
    "const all = await Promise.all(Array.from({ length: 3000 }, (_, i) => crypto.subtle.digest('SHA-256', new Uint8Array(20000).fill(i)))); return new Set(all.map((d) => new Uint8Array(d).toHex())).size",
    256,
  ],
]

if (SKIP !== null) skipSuite(test, SKIP)
else
  test('every operation', async () => {
    const { box, run } = await evaluator('snapshot')
    await using _ = box
    await checkAll(run, CASES)
    assert.ok(CASES.length > 10)
  })

test.run()
