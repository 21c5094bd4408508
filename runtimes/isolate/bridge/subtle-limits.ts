// Work in the host's threads is on nobody's CPU account and cannot be broken off: single operations are bounded to
// about a second.

/** Of PBKDF2. */
const MAX_ROUNDS = 2_000_000
const HASH_BITS: Readonly<Record<string, number>> = { 'SHA-256': 256, 'SHA-384': 384, 'SHA-512': 512 }
/** Largest RSA key that is made, and that is worked with. Bits. */
const MAX_MODULUS = 4096
const MAX_USED_MODULUS = 8192
/** Longest key, and longest output of a function with free length. Bits. */
const MAX_LENGTH = 8_388_608
/** Argon2: kibibytes, and kibibytes times passes. */
const MAX_MEMORY = 65_536
const MAX_MEMORY_PASSES = 655_360
/** More data than this takes as long as what is slow by itself. Bytes. */
const MANY_BYTES = 4_194_304
/** So many rounds of PBKDF2 take some ten milliseconds. */
const MANY_ROUNDS = 50_000

const SLOW_KEYS = /^rsa/i

/** Whether an operation may take longer than some milliseconds. */
export function isHeavy(service: string, args: readonly unknown[], bytes: number): boolean {
  if (bytes > MANY_BYTES) return true
  if (service === 'subtle.generateKey') return SLOW_KEYS.test(nameOf(args[0]))
  if (!service.startsWith('subtle.derive')) return false
  const { iterations, memory } = dictionary(args[0])
  return Number(iterations ?? 0) > MANY_ROUNDS || memory !== undefined
}

/** Refuses arguments that would take too much. @throws DOMException */
export function checkEffort(operation: string, args: readonly unknown[]): void {
  for (const arg of args) {
    const { iterations, modulusLength, length, outputLength, memory, passes } = dictionary(arg)
    if (operation === 'generateKey') limit('bits of a modulus', modulusLength, MAX_MODULUS)
    limit('bits', length, MAX_LENGTH)
    limit('bits', outputLength, MAX_LENGTH)
    limit('rounds', iterations, MAX_ROUNDS)
    limit('kibibytes of memory', memory, MAX_MEMORY)
    limit('kibibytes in all passes', Number(memory ?? 0) * Number(passes ?? 0), MAX_MEMORY_PASSES)
  }
  if (operation !== 'deriveBits' && operation !== 'deriveKey') return
  const [algorithm, , wanted] = args
  const bits = operation === 'deriveBits' ? wanted : dictionary(wanted).length
  limit('bits', bits, MAX_LENGTH)
  // Each round is cheap, but all of them are done anew for as many bits as the hash has.
  const { iterations, hash } = dictionary(algorithm)
  const blocks = Math.ceil(Number(bits ?? 0) / (HASH_BITS[nameOf(hash).toUpperCase()] ?? 160))
  limit('rounds', Number(iterations ?? 0) * Math.max(1, blocks), MAX_ROUNDS)
}

/** Refuses a key that only came from outside. @throws DOMException */
export function checkKey(key: CryptoKey): void {
  const { modulusLength } = key.algorithm as { modulusLength?: number }
  limit('bits of a modulus', modulusLength, MAX_USED_MODULUS)
}

function limit(what: string, value: unknown, most: number): void {
  if (Number(value ?? 0) > most)
    throw new DOMException(
      `At most ${most} ${what} are allowed: ${String(value)} are wanted`,
      'NotSupportedError',
    )
}

function dictionary(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
    ? (value as Record<string, unknown>)
    : {}
}

function nameOf(algorithm: unknown): string {
  const { name } = dictionary(algorithm)
  return typeof name === 'string' ? name : ''
}
