// The numbers of DEFLATE: RFC 1951, sections 3.2.5 to 3.2.7.

export const END_OF_BLOCK = 256
export const LENGTH_CODES = 29
export const DISTANCE_CODES = 30

/** For each length code: extra bits, and the first length. */
export const LENGTH_EXTRA = Uint8Array.from({ length: LENGTH_CODES }, (_, code) =>
  code < 8 || code === 28 ? 0 : (code >> 2) - 1,
)
export const LENGTH_BASE = bases(LENGTH_EXTRA, 3)
// The last code stands for the one greatest length, which the code before it could also say.
LENGTH_BASE[28] = 258

/** For each distance code: extra bits, and the first distance. */
export const DISTANCE_EXTRA = Uint8Array.from({ length: DISTANCE_CODES }, (_, code) =>
  code < 4 ? 0 : (code >> 1) - 1,
)
export const DISTANCE_BASE = bases(DISTANCE_EXTRA, 1)

/** The order in which the lengths of the codes for code lengths stand. */
export const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

export const FIXED_LITERALS = Uint8Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
)
export const FIXED_DISTANCES = new Uint8Array(DISTANCE_CODES).fill(5)

function bases(extra: Uint8Array, first: number): Uint16Array {
  const found = new Uint16Array(extra.length)
  let next = first
  for (const [code, bits] of extra.entries()) {
    found[code] = next
    next += 1 << bits
  }
  return found
}
