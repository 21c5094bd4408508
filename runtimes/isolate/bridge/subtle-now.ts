import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** What is hashed while an isolate waits, and with it this thread. */
const MAX_HASHED = 65_536
const HASHES: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
}

/**
 * A digest of few bytes.
 * @returns null for whatever is out of the ordinary: that goes the long way, which also knows the errors
 */
export function digestNow(argument: unknown): Uint8Array | null {
  const [name, bytes] = listOf(argument)
  const algorithm = hashNamed(name)
  if (algorithm === null || !isShort(bytes)) return null
  return new Uint8Array(hash(algorithm, bytes, 'buffer'))
}

/** A secret for HMAC as it came, beside the key that was made of it: Node computes with keys in other threads only. */
export interface Secret {
  readonly key: CryptoKey
  readonly bytes: Uint8Array
}

/** The secret that an import brings, where it is one for HMAC. @param args those of `importKey` */
export function secretOf(key: CryptoKey, args: readonly unknown[]): Secret | null {
  const [format, bytes] = args
  const { name, length } = key.algorithm as HmacKeyAlgorithm
  const fits = name === 'HMAC' && format === 'raw' && isShort(bytes) && bytes.byteLength * 8 === length
  return fits ? { key, bytes } : null
}

/** Signs few bytes with HMAC, or checks a signature where one is given. @returns null as `digestNow` does */
export function hmacNow(
  argument: unknown,
  secrets: ReadonlyMap<number, Secret>,
): Uint8Array | boolean | null {
  const [handle, bytes, signature] = listOf(argument)
  const secret = secrets.get(handle as number)
  if (secret === undefined || !isShort(bytes)) return null
  const { algorithm, usages } = secret.key
  const hashing = hashNamed((algorithm as HmacKeyAlgorithm).hash.name)
  if (hashing === null || !usages.includes(signature === undefined ? 'sign' : 'verify')) return null
  const code = createHmac(hashing, secret.bytes).update(bytes).digest()
  if (signature === undefined) return new Uint8Array(code)
  if (!(signature instanceof Uint8Array)) return null
  return signature.byteLength === code.byteLength && timingSafeEqual(signature, code)
}

function listOf(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument : []
}

function hashNamed(name: unknown): string | null {
  return typeof name === 'string' && Object.hasOwn(HASHES, name) ? HASHES[name]! : null
}

function isShort(bytes: unknown): bytes is Uint8Array {
  return bytes instanceof Uint8Array && bytes.byteLength <= MAX_HASHED
}
