import { webcrypto } from 'node:crypto'
import type { Service } from './services.ts'
import { checkEffort, checkKey } from './subtle-limits.ts'
import { hmacNow, type Secret, secretOf } from './subtle-now.ts'

/** Keys of one isolate that live at a time. */
const MAX_KEYS = 10_000

const { subtle } = webcrypto
const call = subtle as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>

const OPERATIONS = [
  'digest',
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'generateKey',
  'importKey',
  'exportKey',
  'getPublicKey',
  'deriveBits',
  'deriveKey',
  'wrapKey',
  'unwrapKey',
  'encapsulateBits',
  'encapsulateKey',
  'decapsulateBits',
  'decapsulateKey',
]

/** SubtleCrypto for one isolate: keys stay here, the isolate knows them by number. */
export interface Subtle {
  readonly services: [string, Service][]
  /** What the isolate waits for. */
  now(service: unknown, argument: unknown): unknown
}

/** Makes the one of an isolate, without keys. */
export function createSubtle(): Subtle {
  const keys = new Map<number, CryptoKey>()
  const secrets = new Map<number, Secret>()
  let next = 1

  /** Keys stand in the arguments as `{key: number}`, and inside of algorithms too. */
  function resolve(value: unknown): unknown {
    if (!isPlain(value)) return value
    const { key: handle } = value
    if (typeof handle === 'number') {
      const key = keys.get(handle)
      if (key === undefined) throw new TypeError('The key is unknown')
      return key
    }
    return Object.hasOwn(value, 'public') ? { ...value, public: resolve(value.public) } : value
  }

  function describe(key: CryptoKey, secret: Secret | null): object {
    checkKey(key)
    if (keys.size >= MAX_KEYS)
      throw new DOMException(`More than ${MAX_KEYS} keys are in use`, 'QuotaExceededError')
    const handle = next++
    keys.set(handle, key)
    if (secret !== null) secrets.set(handle, secret)
    const { type, extractable, algorithm, usages } = key
    return { handle, type, extractable, algorithm: structuredClone(algorithm), usages: [...usages] }
  }

  function release([handle]: unknown[]): void {
    keys.delete(handle as number)
    secrets.delete(handle as number)
  }

  function portable(result: unknown): unknown {
    if (result instanceof ArrayBuffer) return new Uint8Array(result)
    if (result instanceof CryptoKey) return describe(result, null)
    if (!isPlain(result)) return result
    // Key pairs, what an encapsulation gives, and keys as JSON, whose members are left as they are.
    return Object.fromEntries(Object.entries(result).map(([name, member]) => [name, portable(member)]))
  }

  const services = OPERATIONS.map((operation): [string, Service] => [
    `subtle.${operation}`,
    async (args) => {
      checkEffort(operation, args)
      // A key as JSON is data, whatever its members are called.
      const given = args.map((arg, at) => (operation === 'importKey' && at === 1 ? arg : resolve(arg)))
      const result = await call[operation]!.apply(subtle, given)
      return operation === 'importKey'
        ? describe(result as CryptoKey, secretOf(result as CryptoKey, args))
        : portable(result)
    },
  ])
  services.push(['subtle.release', release])
  return {
    services,
    now: (service, argument) => (service === 'hmac' ? hmacNow(argument, secrets) : null),
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof ArrayBuffer) &&
    !Array.isArray(value)
  )
}
