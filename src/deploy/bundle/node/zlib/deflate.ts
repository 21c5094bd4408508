import { BitWriter } from './bit-writer.ts'
import { type Coding, codingFor } from './huffman.ts'
import { findMatches } from './matches.ts'
import {
  CODE_LENGTH_ORDER,
  DISTANCE_BASE,
  DISTANCE_CODES,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  LENGTH_BASE,
  LENGTH_CODES,
  LENGTH_EXTRA,
} from './tables.ts'

const BLOCK_TOKENS = 16_384
const MAX_STORED = 65_535

/** The code whose range a value is in. */
function codeIn(bases: Uint16Array, value: number): number {
  let low = 0
  let high = bases.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (bases[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}

const LENGTH_CODE = Uint8Array.from({ length: 259 }, (_, length) => codeIn(LENGTH_BASE, length))

/** The bytes as a DEFLATE stream. @param level 0 stores them, 9 tries hardest */
export function deflateRaw(data: Uint8Array, level: number): Uint8Array<ArrayBuffer> {
  const out = new BitWriter()
  if (level === 0 || data.length === 0) {
    stored(data, out)
    return out.bytes()
  }
  // Pairs: a byte and no distance, or a length and its distance.
  const values = new Uint16Array(BLOCK_TOKENS)
  const distances = new Uint16Array(BLOCK_TOKENS)
  let count = 0
  const put = (value: number, distance: number) => {
    if (count === BLOCK_TOKENS) flush(false)
    values[count] = value
    distances[count++] = distance
  }
  const flush = (last: boolean) => {
    compressed(values.subarray(0, count), distances.subarray(0, count), last, out)
    count = 0
  }
  findMatches(data, level, {
    literal: (byte) => put(byte, 0),
    match: (length, distance) => put(length, distance),
  })
  flush(true)
  return out.bytes()
}

function stored(data: Uint8Array, out: BitWriter): void {
  let at = 0
  do {
    const part = data.subarray(at, at + MAX_STORED)
    at += part.length
    out.bits(at >= data.length ? 1 : 0, 1)
    out.bits(0, 2)
    out.align()
    out.bits(part.length, 16)
    out.bits(~part.length & 0xffff, 16)
    for (const byte of part) out.bits(byte, 8)
  } while (at < data.length)
}

function compressed(values: Uint16Array, distances: Uint16Array, last: boolean, out: BitWriter): void {
  const literalCounts = new Uint32Array(END_OF_BLOCK + 1 + LENGTH_CODES)
  const distanceCounts = new Uint32Array(DISTANCE_CODES)
  const far = new Uint8Array(values.length)
  literalCounts[END_OF_BLOCK] = 1
  for (const [at, value] of values.entries()) {
    const distance = distances[at]!
    if (distance === 0) literalCounts[value]!++
    else {
      literalCounts[END_OF_BLOCK + 1 + LENGTH_CODE[value]!]!++
      far[at] = codeIn(DISTANCE_BASE, distance)
      distanceCounts[far[at]!]!++
    }
  }
  const literals = codingFor(literalCounts, 15)
  const distanceCoding = codingFor(distanceCounts, 15)
  out.bits(last ? 1 : 0, 1)
  out.bits(2, 2)
  describe(literals, distanceCoding, out)
  for (const [at, value] of values.entries()) {
    const distance = distances[at]!
    if (distance === 0) {
      out.bits(literals.codes[value]!, literals.lengths[value]!)
      continue
    }
    const code = LENGTH_CODE[value]!
    const symbol = END_OF_BLOCK + 1 + code
    out.bits(literals.codes[symbol]!, literals.lengths[symbol]!)
    out.bits(value - LENGTH_BASE[code]!, LENGTH_EXTRA[code]!)
    const way = far[at]!
    out.bits(distanceCoding.codes[way]!, distanceCoding.lengths[way]!)
    out.bits(distance - DISTANCE_BASE[way]!, DISTANCE_EXTRA[way]!)
  }
  out.bits(literals.codes[END_OF_BLOCK]!, literals.lengths[END_OF_BLOCK]!)
}

/** Writes both codes as the runs of their lengths, which have a code of their own. */
function describe(literals: Coding, distances: Coding, out: BitWriter): void {
  const literalCount = Math.max(257, lastUsed(literals.lengths) + 1)
  const distanceCount = Math.max(1, lastUsed(distances.lengths) + 1)
  const runs = runsOf([
    ...literals.lengths.subarray(0, literalCount),
    ...distances.lengths.subarray(0, distanceCount),
  ])
  const counts = new Uint32Array(19)
  for (const [symbol] of runs) counts[symbol]!++
  const { lengths, codes } = codingFor(counts, 7)
  let described = CODE_LENGTH_ORDER.length
  while (described > 4 && lengths[CODE_LENGTH_ORDER[described - 1]!] === 0) described--
  out.bits(literalCount - 257, 5)
  out.bits(distanceCount - 1, 5)
  out.bits(described - 4, 4)
  for (const symbol of CODE_LENGTH_ORDER.slice(0, described)) out.bits(lengths[symbol]!, 3)
  for (const [symbol, extra, bits] of runs) {
    out.bits(codes[symbol]!, lengths[symbol]!)
    out.bits(extra, bits)
  }
}

function lastUsed(lengths: Uint8Array): number {
  return lengths.findLastIndex((length) => length > 0)
}

type Run = readonly [symbol: number, extra: number, bits: number]

function runsOf(lengths: readonly number[]): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < lengths.length; ) {
    const value = lengths[at]!
    let times = 1
    while (lengths[at + times] === value) times++
    const repeats = value === 0 ? times : times - 1
    const taken = Math.min(repeats, value === 0 ? 138 : 6)
    if (value !== 0) runs.push([value, 0, 0])
    if (taken < 3) {
      if (value === 0) for (let zero = 0; zero < Math.max(taken, 1); zero++) runs.push([0, 0, 0])
      at += value === 0 ? Math.max(taken, 1) : 1
      continue
    }
    if (value !== 0) runs.push([16, taken - 3, 2])
    else runs.push(taken > 10 ? [18, taken - 11, 7] : [17, taken - 3, 3])
    at += value === 0 ? taken : taken + 1
  }
  return runs
}
