import { Buffer } from 'node:buffer'
import { createHmac } from './crypto-hash.ts'
import { invalidArgument } from './errors.ts'

type Data = string | ArrayBufferView | ArrayBuffer
type Done<T> = (error: Error | null, value?: T) => void

function bytesOf(name: string, data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  throw invalidArgument(
    name,
    'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView',
    data,
  )
}

function hmac(digest: string, key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const made = createHmac(digest, key)
  for (const part of parts) made.update(part)
  return made.digest() as Buffer
}

/** PBKDF2 (RFC 8018, 5.2). */
export function pbkdf2Sync(
  password: Data,
  salt: Data,
  iterations: number,
  length: number,
  digest: string,
): Buffer {
  const key = bytesOf('password', password)
  const start = bytesOf('salt', salt)
  const out: Uint8Array[] = []
  for (let block = 1, made = 0; made < length; block++) {
    const number = new Uint8Array(4)
    new DataView(number.buffer).setUint32(0, block)
    let last = hmac(digest, key, start, number)
    const sum = last.slice()
    for (let round = 1; round < iterations; round++) {
      last = hmac(digest, key, last)
      for (let at = 0; at < sum.length; at++) sum[at]! ^= last[at]!
    }
    out.push(sum)
    made += sum.length
  }
  return Buffer.from(Buffer.concat(out).subarray(0, length))
}

const WEB_DIGESTS: Readonly<Record<string, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

/** The host derives it, on a thread of its own, where it knows the digest. */
export function pbkdf2(
  password: Data,
  salt: Data,
  iterations: number,
  length: number,
  digest: string,
  done: Done<Buffer>,
): void {
  const hash = WEB_DIGESTS[digest.toLowerCase().replace(/^sha-/, 'sha')]
  const derived =
    hash === undefined || length === 0
      ? Promise.resolve().then(() => pbkdf2Sync(password, salt, iterations, length, digest))
      : derive(bytesOf('password', password), bytesOf('salt', salt), iterations, length, hash)
  derived.then(
    (value) => done(null, value),
    (error) => done(error),
  )
}

async function derive(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
  hash: string,
): Promise<Buffer> {
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey('raw', password as BufferSource, 'PBKDF2', false, ['deriveBits'])
  const algorithm = { name: 'PBKDF2', hash, salt: salt as BufferSource, iterations }
  return Buffer.from(await subtle.deriveBits(algorithm, key, length * 8))
}

/** HKDF (RFC 5869). */
export function hkdfSync(digest: string, key: Data, salt: Data, info: Data, length: number): ArrayBuffer {
  const pseudorandom = hmac(digest, bytesOf('salt', salt), bytesOf('key', key))
  const about = bytesOf('info', info)
  const out: Uint8Array[] = []
  let last: Uint8Array = new Uint8Array(0)
  for (let block = 1, made = 0; made < length; block++) {
    last = hmac(digest, pseudorandom, last, about, Uint8Array.of(block))
    out.push(last)
    made += last.length
  }
  return new Uint8Array(Buffer.concat(out).subarray(0, length)).buffer
}

export function hkdf(
  digest: string,
  key: Data,
  salt: Data,
  info: Data,
  length: number,
  done: Done<ArrayBuffer>,
): void {
  queueMicrotask(() => {
    try {
      done(null, hkdfSync(digest, key, salt, info, length))
    } catch (error) {
      done(error as Error)
    }
  })
}
