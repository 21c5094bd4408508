import { CryptoKey, handleOf } from './crypto-key.ts'

type Bytes = Uint8Array<ArrayBuffer>
/** An algorithm or a key on its way to the host. */
export type Portable = Readonly<Record<string, unknown>>

/** Everything that any algorithm's parameters are called. */
const MEMBERS = [
  'name',
  'hash',
  'namedCurve',
  'modulusLength',
  'publicExponent',
  'length',
  'iv',
  'additionalData',
  'tagLength',
  'counter',
  'label',
  'salt',
  'saltLength',
  'info',
  'iterations',
  'public',
  'context',
  'customization',
  'functionName',
  'outputLength',
  'domainSeparation',
  'nonce',
  'parallelism',
  'memory',
  'passes',
  'version',
  'secretValue',
  'associatedData',
]
const { isView } = ArrayBuffer
const { parse, stringify } = JSON

/** https://w3c.github.io/webcrypto/#algorithm-normalization as far as it concerns what scripts can see: reading members. */
export function toAlgorithm(value: unknown, nested = false): Portable {
  if (typeof value !== 'object' || value === null) return { name: `${value as string}` }
  const algorithm: Record<string, unknown> = {}
  for (const member of MEMBERS) {
    const given = (value as Record<string, unknown>)[member]
    if (given === undefined) continue
    if (given instanceof CryptoKey) algorithm[member] = toKey(given)
    else if (isView(given) || given instanceof ArrayBuffer) algorithm[member] = toBytes(given)
    else if (member === 'hash' && !nested) algorithm[member] = toAlgorithm(given, true)
    else algorithm[member] = typeof given === 'number' ? given : `${given as string}`
  }
  return algorithm
}

export function toKey(key: unknown): Portable {
  if (!(key instanceof CryptoKey)) throw new TypeError('crypto.subtle: the key must be a CryptoKey')
  return { key: handleOf(key) }
}

export function toBytes(data: unknown): Bytes {
  if (isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() as Bytes
  if (data instanceof ArrayBuffer) return new Uint8Array(data).slice()
  throw new TypeError('crypto.subtle: the data must be an ArrayBuffer or a view of one')
}

/** A key in the format that is named. */
export function toKeyData(format: unknown, data: unknown): object {
  if (format !== 'jwk') return toBytes(data)
  if (typeof data !== 'object' || data === null || isView(data) || data instanceof ArrayBuffer)
    throw new TypeError('crypto.subtle: a key in the format "jwk" must be an object')
  return parse(stringify(data))
}

export function toUsages(usages: unknown): string[] {
  if (typeof usages !== 'object' || usages === null)
    throw new TypeError('crypto.subtle: the usages must be a list')
  return Array.from(usages as Iterable<unknown>, (usage) => `${usage as string}`)
}

export function toBuffer(bytes: unknown): ArrayBuffer {
  const view = bytes as Bytes
  return view.byteLength === view.buffer.byteLength ? view.buffer : view.slice().buffer
}
