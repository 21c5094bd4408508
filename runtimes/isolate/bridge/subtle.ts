import { webcrypto } from 'node:crypto'
import type { Service } from './services.ts'

/** Keys of one isolate that live at a time. */
const MAX_KEYS = 10_000
// Work in the host's threads is on nobody's CPU account, so single operations are bounded.
const MAX_ITERATIONS = 2_000_000
const MAX_MODULUS = 4096

const { subtle } = webcrypto
const call = subtle as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>

/** SubtleCrypto for one isolate: keys stay here, the isolate knows them by number. */
export function createSubtle(): [string, Service][] {
  const keys = new Map<number, CryptoKey>()
  let next = 1

  /** Keys in the arguments stand there as `{key: number}`, also inside of algorithms. */
  function resolve(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value))
      return value
    const handle = (value as { key?: unknown }).key
    if (typeof handle === 'number') {
      const key = keys.get(handle)
      if (key === undefined) throw new TypeError('The key is unknown')
      return key
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member)]))
  }

  function describe(key: CryptoKey): object {
    if (keys.size >= MAX_KEYS) throw new TypeError(`More than ${MAX_KEYS} keys are in use`)
    const handle = next++
    keys.set(handle, key)
    const { type, extractable, algorithm, usages } = key
    return { handle, type, extractable, algorithm: structuredClone(algorithm), usages: [...usages] }
  }

  function portable(result: unknown): unknown {
    if (result instanceof ArrayBuffer) return new Uint8Array(result)
    if (result instanceof CryptoKey) return describe(result)
    const pair = result as { publicKey?: CryptoKey; privateKey: CryptoKey } | null
    if (pair?.publicKey instanceof CryptoKey)
      return { publicKey: describe(pair.publicKey), privateKey: describe(pair.privateKey) }
    return result
  }

  const operations = [
    'digest',
    'encrypt',
    'decrypt',
    'sign',
    'verify',
    'generateKey',
    'importKey',
    'exportKey',
    'deriveBits',
    'deriveKey',
    'wrapKey',
    'unwrapKey',
  ]
  const services = operations.map((operation): [string, Service] => [
    `subtle.${operation}`,
    async (args) => {
      for (const arg of args) checkEffort(arg)
      return portable(await call[operation]!.apply(subtle, args.map(resolve)))
    },
  ])
  return [...services, ['subtle.release', ([handle]) => void keys.delete(Number(handle))]]
}

function checkEffort(arg: unknown): void {
  if (typeof arg !== 'object' || arg === null) return
  const { iterations, modulusLength } = arg as { iterations?: unknown; modulusLength?: unknown }
  if (Number(iterations ?? 0) > MAX_ITERATIONS)
    throw new DOMException(`More than ${MAX_ITERATIONS} iterations are not done here`, 'NotSupportedError')
  if (Number(modulusLength ?? 0) > MAX_MODULUS)
    throw new DOMException(`Keys of more than ${MAX_MODULUS} bits are not made here`, 'NotSupportedError')
}
