// `node:crypto` where there is no Node: what Web Crypto and plain JavaScript can do at once. What is not here
// fails the build by name.
import { Buffer } from 'node:buffer'
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync } from './crypto-derive.ts'
import { createHash, createHmac, getHashes, hash } from './crypto-hash.ts'

export { createHash, createHmac, getHashes, hash, hkdf, hkdfSync, pbkdf2, pbkdf2Sync }
export const webcrypto: Crypto = globalThis.crypto
export const { subtle } = webcrypto
export const getRandomValues = <T extends ArrayBufferView<ArrayBuffer>>(array: T): T =>
  webcrypto.getRandomValues(array)
export const randomUUID = (): string => webcrypto.randomUUID()

type Done<T> = (error: null, value: T) => void

/** Web Crypto fills at most this many bytes at once. */
const QUOTA = 65_536

export function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size?: number): T {
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
  const end = size === undefined ? bytes.length : offset + size
  for (let at = offset; at < end; at += QUOTA) {
    webcrypto.getRandomValues(bytes.subarray(at, Math.min(end, at + QUOTA)))
  }
  return view
}

export function randomFill<T extends ArrayBufferView>(
  view: T,
  ...rest: [...number[], Done<T>] | unknown[]
): void {
  const done = rest.pop() as Done<T>
  randomFillSync(view, ...(rest as number[]))
  queueMicrotask(() => done(null, view))
}

export function randomBytes(size: number, done?: Done<Buffer>): Buffer | undefined {
  const bytes = randomFillSync(Buffer.alloc(size))
  if (done === undefined) return bytes
  queueMicrotask(() => done(null, bytes))
  return undefined
}

const MAX_RANGE = 2 ** 48 - 1

/** Uniform: draws beyond the last whole multiple of the range are thrown away. */
export function randomInt(...args: [number] | [number, number] | unknown[]): number | undefined {
  const done = typeof args.at(-1) === 'function' ? (args.pop() as Done<number>) : undefined
  const [min, max] = (args.length > 1 ? args : [0, args[0]]) as [number, number]
  const range = max - min
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || range <= 0 || range > MAX_RANGE) {
    throw new RangeError(`Cannot draw a number from ${min} to ${max}: the range must be 1 to ${MAX_RANGE}`)
  }
  const limit = MAX_RANGE + 1 - ((MAX_RANGE + 1) % range)
  let drawn: number
  do {
    drawn = randomFillSync(Buffer.alloc(6)).readUIntBE(0, 6)
  } while (drawn >= limit)
  const value = min + (drawn % range)
  if (done === undefined) return value
  queueMicrotask(() => done(null, value))
  return undefined
}

export function timingSafeEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) throw new RangeError('Input buffers must have the same byte length')
  const left = new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
  const right = new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  let difference = 0
  for (let at = 0; at < left.length; at++) difference |= left[at]! ^ right[at]!
  return difference === 0
}

export default {
  createHash,
  createHmac,
  getHashes,
  getRandomValues,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  subtle,
  timingSafeEqual,
  webcrypto,
}
