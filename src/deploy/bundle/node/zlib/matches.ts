const WINDOW = 32_768
const MIN_MATCH = 3
const MAX_MATCH = 258
const HASH_BITS = 15
/** Candidates that are tried for a match, by level. */
const EFFORT = [0, 4, 5, 6, 16, 32, 128, 256, 1024, 4096]

/** What takes the pieces of some bytes: plain bytes, and repetitions of what came before. */
export interface Sink {
  literal(byte: number): void
  match(length: number, distance: number): void
}

/** Finds repetitions: chains of places that begin alike, the newest first. */
export function findMatches(data: Uint8Array, level: number, sink: Sink): void {
  const effort = EFFORT[level]!
  const heads = new Int32Array(1 << HASH_BITS).fill(-1)
  const previous = new Int32Array(WINDOW)
  const hashAt = (at: number) =>
    (Math.imul((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!, 0x9e3779b1) >>> 0) >>>
    (32 - HASH_BITS)
  const remember = (at: number) => {
    if (at + MIN_MATCH > data.length) return
    const hash = hashAt(at)
    previous[at % WINDOW] = heads[hash]!
    heads[hash] = at
  }
  const best = { length: 0, distance: 0 }
  const search = (at: number) => {
    best.length = 0
    if (at + MIN_MATCH > data.length) return
    const limit = Math.min(MAX_MATCH, data.length - at)
    let candidate = heads[hashAt(at)]!
    for (let tries = effort; tries > 0 && candidate >= 0 && at - candidate <= WINDOW; tries--) {
      let length = 0
      if (data[candidate + best.length] === data[at + best.length])
        while (length < limit && data[candidate + length] === data[at + length]) length++
      if (length > best.length && length >= MIN_MATCH) {
        best.length = length
        best.distance = at - candidate
        if (length === limit) return
      }
      const next = previous[candidate % WINDOW]!
      if (next >= candidate) return
      candidate = next
    }
  }
  for (let at = 0; at < data.length; ) {
    search(at)
    const { length, distance } = best
    remember(at)
    if (length === 0) {
      sink.literal(data[at++]!)
      continue
    }
    // A longer one may begin at the next byte.
    search(at + 1)
    if (best.length > length) {
      sink.literal(data[at++]!)
      continue
    }
    sink.match(length, distance)
    for (let end = at + length, next = at + 1; next < end; next++) remember(next)
    at += length
  }
}
