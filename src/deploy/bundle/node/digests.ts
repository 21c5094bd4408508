// MD5 (RFC 1321) and SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 (FIPS 180-4), synchronously: Web Crypto has them only
// as promises, which Node's createHash cannot wait for. The constants are computed from their definitions.

export const BLOCK_BYTES = { md5: 64, sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 } as const
export type DigestName = keyof typeof BLOCK_BYTES

export function isDigestName(name: string): name is DigestName {
  return Object.hasOwn(BLOCK_BYTES, name)
}

/** The digest of some bytes. */
export function digest(name: DigestName, data: Uint8Array): Uint8Array {
  if (name === 'md5') return md5(data)
  if (name === 'sha1') return sha1(data)
  if (name === 'sha224' || name === 'sha256') return sha256(data, name)
  return sha512(data, name)
}

/** The data, a 1 bit, zeros, and the length in bits: a whole number of blocks. */
function padded(data: Uint8Array, block: 64 | 128, littleEndian: boolean): DataView {
  const size = Math.ceil((data.length + 1 + block / 8) / block) * block
  const bytes = new Uint8Array(size)
  bytes.set(data)
  bytes[data.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setBigUint64(size - 8, BigInt(data.length) * 8n, littleEndian)
  return view
}

function output(words: ArrayLike<number>, bytes: number, littleEndian = false): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4))
  for (let at = 0; at < words.length; at++) view.setUint32(at * 4, words[at]!, littleEndian)
  return new Uint8Array(view.buffer, 0, bytes)
}

const left = (word: number, by: number): number => (word << by) | (word >>> (32 - by))
const right = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
const sines = once(() =>
  Int32Array.from({ length: 64 }, (_, at) => Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32)),
)

function md5(data: Uint8Array): Uint8Array {
  const view = padded(data, 64, true)
  const constants = sines()
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
  for (let block = 0; block < view.byteLength; block += 64) {
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    for (let at = 0; at < 64; at++) {
      const round = at >> 4
      const word = [at, 5 * at + 1, 3 * at + 5, 7 * at][round]! & 15
      let mixed = c ^ (b | ~d)
      if (round === 0) mixed = (b & c) | (~b & d)
      else if (round === 1) mixed = (d & b) | (~d & c)
      else if (round === 2) mixed = b ^ c ^ d
      const sum = (a + mixed + constants[at]! + view.getInt32(block + word * 4, true)) | 0
      a = d
      d = c
      c = b
      b = (b + left(sum, MD5_SHIFTS[round * 4 + (at & 3)]!)) | 0
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
  }
  return output(state, 16, true)
}

function sha1(data: Uint8Array): Uint8Array {
  const view = padded(data, 64, false)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const words = new Int32Array(80)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + at * 4)
    for (let at = 16; at < 80; at++) {
      words[at] = left(words[at - 3]! ^ words[at - 8]! ^ words[at - 14]! ^ words[at - 16]!, 1)
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    for (let at = 0; at < 80; at++) {
      let mixed = (b ^ c ^ d) + (at < 40 ? 0x6ed9eba1 : 0xca62c1d6)
      if (at < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
      else if (at >= 40 && at < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
      const next = (left(a, 5) + mixed + e + words[at]!) | 0
      e = d
      d = c
      c = left(b, 30)
      b = a
      a = next
    }
    state[0]! += a
    state[1]! += b
    state[2]! += c
    state[3]! += d
    state[4]! += e
  }
  return output(state, 20)
}

const sha256Constants = once(() => Int32Array.from(roots(64, 3), (root) => Number(root >> 32n)))
const sha256Start = once(() => Int32Array.from(roots(8, 2), (root) => Number(root >> 32n)))
// SHA-224 starts from the second halves of SHA-384's start.
const sha224Start = once(() => Int32Array.from(roots(16, 2).slice(8), (root) => Number(root & 0xffffffffn)))

// The eight working variables move down one place each round; here they stay, and the place of the first moves.
function sha256(data: Uint8Array, name: 'sha224' | 'sha256'): Uint8Array {
  const view = padded(data, 64, false)
  const constants = sha256Constants()
  const state = (name === 'sha256' ? sha256Start() : sha224Start()).slice()
  const words = new Int32Array(64)
  const v = new Int32Array(8)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + at * 4)
    for (let at = 16; at < 64; at++) {
      const early = words[at - 15]!
      const late = words[at - 2]!
      words[at] =
        words[at - 16]! +
        (right(early, 7) ^ right(early, 18) ^ (early >>> 3)) +
        words[at - 7]! +
        (right(late, 17) ^ right(late, 19) ^ (late >>> 10))
    }
    v.set(state)
    for (let at = 0; at < 64; at++) {
      const a = v[-at & 7]!
      const b = v[(1 - at) & 7]!
      const c = v[(2 - at) & 7]!
      const e = v[(4 - at) & 7]!
      const choice = (e & v[(5 - at) & 7]!) ^ (~e & v[(6 - at) & 7]!)
      const first =
        (v[(7 - at) & 7]! +
          (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
          choice +
          constants[at]! +
          words[at]!) |
        0
      v[(3 - at) & 7]! += first
      v[(7 - at) & 7] = first + (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    }
    for (let at = 0; at < 8; at++) state[at]! += v[at]!
  }
  return output(state, name === 'sha256' ? 32 : 28)
}

/** 64-bit words as pairs of 32-bit ones, high first. */
const pairs = (words: readonly bigint[]): Int32Array =>
  Int32Array.from(words.flatMap((word) => [Number(word >> 32n), Number(word & 0xffffffffn)]))
const sha512Constants = once(() => pairs(roots(80, 3)))
const sha512Start = once(() => pairs(roots(8, 2)))
const sha384Start = once(() => pairs(roots(16, 2).slice(8)))

/** The high and the low half of a rotation to the right, by less or more than 32. */
const turnHigh = (high: number, low: number, by: number): number =>
  by < 32 ? (high >>> by) | (low << (32 - by)) : (low >>> (by - 32)) | (high << (64 - by))
const turnLow = (high: number, low: number, by: number): number => turnHigh(low, high, by)

function sha512(data: Uint8Array, name: 'sha384' | 'sha512'): Uint8Array {
  const view = padded(data, 128, false)
  const constants = sha512Constants()
  const state = (name === 'sha512' ? sha512Start() : sha384Start()).slice()
  const words = new Int32Array(160)
  const v = new Int32Array(16)
  for (let block = 0; block < view.byteLength; block += 128) {
    for (let at = 0; at < 32; at++) words[at] = view.getInt32(block + at * 4)
    for (let at = 32; at < 160; at += 2) extend512(words, at)
    v.set(state)
    for (let at = 0; at < 80; at++) round512(v, words, constants, at)
    for (let at = 0; at < 16; at += 2) {
      const low = (state[at + 1]! >>> 0) + (v[at + 1]! >>> 0)
      state[at] = state[at]! + v[at]! + carry(low)
      state[at + 1] = low
    }
  }
  return output(state, name === 'sha512' ? 64 : 48)
}

/** What a sum of unsigned low halves hands up. It stays exact: a few words are far below 2 ** 53. */
const carry = (low: number): number => Math.floor(low / 2 ** 32)

function extend512(words: Int32Array, at: number): void {
  const eh = words[at - 30]!
  const el = words[at - 29]!
  const lh = words[at - 4]!
  const ll = words[at - 3]!
  const high =
    (turnHigh(eh, el, 1) ^ turnHigh(eh, el, 8) ^ (eh >>> 7)) +
    (turnHigh(lh, ll, 19) ^ turnHigh(lh, ll, 61) ^ (lh >>> 6))
  const low =
    ((turnLow(eh, el, 1) ^ turnLow(eh, el, 8) ^ ((el >>> 7) | (eh << 25))) >>> 0) +
    ((turnLow(lh, ll, 19) ^ turnLow(lh, ll, 61) ^ ((ll >>> 6) | (lh << 26))) >>> 0) +
    (words[at - 31]! >>> 0) +
    (words[at - 13]! >>> 0)
  words[at] = high + words[at - 32]! + words[at - 14]! + carry(low)
  words[at + 1] = low
}

function round512(v: Int32Array, words: Int32Array, constants: Int32Array, round: number): void {
  const place = (variable: number): number => ((variable - round) & 7) * 2
  const a = place(0)
  const b = place(1)
  const c = place(2)
  const d = place(3)
  const e = place(4)
  const f = place(5)
  const g = place(6)
  const h = place(7)
  const eh = v[e]!
  const el = v[e + 1]!
  const firstLow =
    (v[h + 1]! >>> 0) +
    ((turnLow(eh, el, 14) ^ turnLow(eh, el, 18) ^ turnLow(eh, el, 41)) >>> 0) +
    (((el & v[f + 1]!) ^ (~el & v[g + 1]!)) >>> 0) +
    (constants[round * 2 + 1]! >>> 0) +
    (words[round * 2 + 1]! >>> 0)
  const firstHigh =
    (v[h]! +
      (turnHigh(eh, el, 14) ^ turnHigh(eh, el, 18) ^ turnHigh(eh, el, 41)) +
      ((eh & v[f]!) ^ (~eh & v[g]!)) +
      constants[round * 2]! +
      words[round * 2]! +
      carry(firstLow)) |
    0
  const ah = v[a]!
  const al = v[a + 1]!
  const secondLow =
    ((turnLow(ah, al, 28) ^ turnLow(ah, al, 34) ^ turnLow(ah, al, 39)) >>> 0) +
    (((al & v[b + 1]!) ^ (al & v[c + 1]!) ^ (v[b + 1]! & v[c + 1]!)) >>> 0) +
    (firstLow % 2 ** 32)
  const dLow = (v[d + 1]! >>> 0) + (firstLow % 2 ** 32)
  v[d] = v[d]! + firstHigh + carry(dLow)
  v[d + 1] = dLow
  v[h] =
    firstHigh +
    (turnHigh(ah, al, 28) ^ turnHigh(ah, al, 34) ^ turnHigh(ah, al, 39)) +
    ((ah & v[b]!) ^ (ah & v[c]!) ^ (v[b]! & v[c]!)) +
    carry(secondLow)
  v[h + 1] = secondLow
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

const MASK = (1n << 64n) - 1n

/** The first 64 bits behind the point of the square or cube roots of the first primes. */
function roots(count: number, degree: 2 | 3): bigint[] {
  const found: bigint[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (isPrime(candidate)) found.push(root(BigInt(candidate) << BigInt(64 * degree), BigInt(degree)) & MASK)
  }
  return found
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false
  return true
}

/** The whole part of a root, by Newton's method from above. */
function root(value: bigint, degree: bigint): bigint {
  let guess = 1n << 70n
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree
    if (next >= guess) return guess
    guess = next
  }
}
