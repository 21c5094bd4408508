/** A prime, so that no piece of a power of two falls on the same place of the pattern twice in a row. */
const PERIOD = 65_521

/** What functions of these tests make the same bytes with: `pattern` is one period. */
export const PATTERN_CODE = `const pattern = new Uint8Array(${PERIOD}).map((_, index) => (index * 31 + (index >> 8)) % 251)`

const twice = new Uint8Array(2 * PERIOD).map((_, index) => byteAt(index % PERIOD))

function byteAt(index: number): number {
  return (index * 31 + (index >> 8)) % 251
}

/** The bytes from `offset` on; a view that must not be written to. */
export function patternAt(offset: number, length: number): Uint8Array {
  const at = offset % PERIOD
  return twice.subarray(at, at + Math.min(length, PERIOD))
}

/** Whether these are the bytes that stand at `offset`. */
export function isPattern(bytes: Uint8Array, offset: number): boolean {
  for (let at = 0; at < bytes.length; ) {
    const wanted = patternAt(offset + at, bytes.length - at)
    if (Buffer.compare(bytes.subarray(at, at + wanted.length), wanted) !== 0) return false
    at += wanted.length
  }
  return true
}
