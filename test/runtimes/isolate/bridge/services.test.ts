// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Lane } from '../../../../runtimes/isolate/bridge/lanes.ts'
import { createServices } from '../../../../runtimes/isolate/bridge/services.ts'
import { checkEffort, checkKey, isHeavy } from '../../../../runtimes/isolate/bridge/subtle-limits.ts'
import { callNow } from '../../../../runtimes/isolate/bridge/sync.ts'

const test = suite('what the host does for an isolate')

const bytes = (length: number) => new Uint8Array(length)
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const HMAC = { name: 'HMAC', hash: 'SHA-256' }
const importKey = async (services: ReturnType<typeof createServices>) =>
  (await services.serve('subtle.importKey', ['raw', bytes(32), HMAC, false, ['sign', 'verify']])) as {
    handle: number
  }

test('a lane lets in as many as it has room for, in order', async () => {
  const lane = new Lane(2)
  const events: string[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const all = gates.map((gate, index) =>
    lane.run(async () => {
      events.push(`in ${index}`)
      await gate.promise
      if (index === 0) throw new Error('broken')
      return index
    }),
  )
  const first = reason(all[0]!)
  await null
  assert.equal(events, ['in 0', 'in 1'])
  gates[0]!.resolve()
  assert.is(await first, 'Error: broken')
  await null
  assert.equal(events, ['in 0', 'in 1', 'in 2'])
  for (const gate of gates) gate.resolve()
  assert.equal(await Promise.all(all.slice(1)), [1, 2, 3, 4])
  assert.is(await lane.run(() => 'free'), 'free')
})

test('keys of one isolate are nothing to another', async () => {
  const one = createServices(() => true)
  const other = createServices(() => true)
  const { handle } = await importKey(one)
  assert.instance(await one.serve('subtle.sign', [HMAC, { key: handle }, bytes(1)]), Uint8Array)
  assert.match(await reason(other.serve('subtle.sign', [HMAC, { key: handle }, bytes(1)])), /key is unknown/)
  assert.instance(one.now('hmac', [handle, bytes(1)]), Uint8Array)
  assert.is(other.now('hmac', [handle, bytes(1)]), null)
  await one.serve('subtle.release', [handle])
  assert.match(await reason(one.serve('subtle.sign', [HMAC, { key: handle }, bytes(1)])), /key is unknown/)
  assert.is(one.now('hmac', [handle, bytes(1)]), null)
})

test('both ways to sign agree', async () => {
  const services = createServices(() => true)
  const { handle } = await importKey(services)
  const slow = await services.serve('subtle.sign', [HMAC, { key: handle }, bytes(100)])
  const quick = services.now('hmac', [handle, bytes(100)])
  assert.equal(quick, slow)
  assert.is(services.now('hmac', [handle, bytes(100), quick]), true)
  assert.is(services.now('hmac', [handle, bytes(101), quick]), false)
})

test('arguments that make no sense', async () => {
  const services = createServices(() => true)
  const { handle } = await importKey(services)
  for (const args of [[], [null], [1, 2, 3], ['digest'], [{ key: 1e9 }], [{}, {}, {}], [[], [], []]])
    for (const operation of ['digest', 'sign', 'importKey', 'exportKey', 'deriveKey', 'unwrapKey'])
      assert.match(await reason(services.serve(`subtle.${operation}`, args)), /Error/, operation)
  for (const service of ['subtle.constructor', 'subtle.toString', '', 'hasOwnProperty'])
    assert.match(await reason(services.serve(service, [])), /no service/)
  for (const argument of [null, 1, [handle], [handle, 'text'], [handle, bytes(65_537)], ['x', bytes(1)], {}])
    assert.is(services.now('hmac', argument), null)
  const bad = [null, 'SHA-1', ['SHA-1'], ['toString', bytes(1)], ['SHA-1', bytes(65_537)], [{}, bytes(1)]]
  for (const argument of bad) assert.is(callNow('digest', argument), null)
  for (const argument of [null, 'text', {}, bytes(262_145), new ArrayBuffer(4)])
    assert.is(callNow('decode', argument), null)
  for (const argument of [-1, 65_537, Number.NaN, {}, 'many']) assert.is(callNow('random', argument), null)
})

test('what is decoded is UTF-8 with its mark', () => {
  assert.is(callNow('decode', new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xff])), '\ufeff\u00e9\ufffd')
  assert.is(callNow('decode', new Uint8Array([1, 97, 98, 2]).subarray(1, 3)), 'ab')
})

test('nothing is begun for an isolate that is gone', async () => {
  let open = true
  const services = createServices(() => open)
  const all = Array.from({ length: 20 }, () =>
    reason(services.serve('subtle.digest', ['SHA-256', bytes(1_000_000)])),
  )
  open = false
  const outcomes = await Promise.all(all)
  assert.ok(outcomes.filter((outcome) => /isolate is gone/.test(outcome)).length >= 16, String(outcomes))
})

test('a queue has an end', async () => {
  const services = createServices(() => true)
  const many = Array.from({ length: 1100 }, () =>
    reason(services.serve('subtle.digest', ['SHA-1', bytes(10)])),
  )
  const refused = (await Promise.all(many)).filter((outcome) => /may be under way/.test(outcome))
  assert.is(refused.length, 1100 - 1024)
  const large = [1, 2, 3].map(() => reason(services.serve('subtle.digest', ['SHA-1', bytes(30_000_000)])))
  assert.is((await Promise.all(large)).filter((outcome) => /may be under way/.test(outcome)).length, 1)
  assert.is(await reason(services.serve('subtle.digest', ['SHA-1', bytes(70_000_000)])), 'nothing')
})

test('what takes long is known as such', () => {
  assert.ok(isHeavy('subtle.generateKey', [{ name: 'RSA-PSS' }], 0))
  assert.ok(isHeavy('subtle.generateKey', [{ name: 'rsa-oaep' }], 0))
  assert.not.ok(isHeavy('subtle.generateKey', [{ name: 'AES-GCM' }], 0))
  assert.ok(isHeavy('subtle.deriveBits', [{ name: 'PBKDF2', iterations: 100_000 }], 0))
  assert.not.ok(isHeavy('subtle.deriveBits', [{ name: 'PBKDF2', iterations: 1000 }], 0))
  assert.ok(isHeavy('subtle.deriveKey', [{ name: 'Argon2id', memory: 1024 }], 0))
  assert.ok(isHeavy('zlib.write', [], 5_000_000))
  assert.not.ok(isHeavy('zlib.write', [1, bytes(1)], 1))
  for (const nothing of [[], [null], ['RSA'], [1]]) assert.not.ok(isHeavy('subtle.generateKey', nothing, 0))
})

test('rounds count for each block that they are done for', () => {
  const derive = (hash: string, iterations: number, bits: number) => {
    try {
      checkEffort('deriveBits', [{ name: 'PBKDF2', hash: { name: hash }, iterations }, {}, bits])
      return true
    } catch {
      return false
    }
  }
  assert.equal(
    [derive('SHA-512', 2_000_000, 512), derive('SHA-512', 2_000_000, 513), derive('SHA-1', 1_000_000, 320)],
    [true, false, true],
  )
  assert.throws(() => checkEffort('deriveBits', [{ name: 'Argon2id', memory: 65_536, passes: 11 }, {}, 256]))
  checkEffort('deriveBits', [{ name: 'Argon2id', memory: 65_536, passes: 10 }, {}, 256])
})

test('keys that come from outside have a size too', () => {
  const rsa = (modulusLength: number) => ({ algorithm: { name: 'RSA-PSS', modulusLength } }) as never
  checkKey(rsa(8192))
  assert.throws(() => checkKey(rsa(8193)), /bits of a modulus/)
})

test.run()
