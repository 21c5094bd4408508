import { bufferError, dataError, tooLarge } from './errors.ts'
import {
  CODE_LENGTH_ORDER,
  DISTANCE_BASE,
  DISTANCE_CODES,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  FIXED_DISTANCES,
  FIXED_LITERALS,
  LENGTH_BASE,
  LENGTH_CODES,
  LENGTH_EXTRA,
} from './tables.ts'

const MAX_BITS = 15
const FIRST_SIZE = 1024

/** A canonical Huffman code: how many codes there are of each length, and the symbols in order of their codes. */
interface Code {
  readonly counts: Uint16Array
  readonly symbols: Uint16Array
}

/** @param fixed the code is given by the format, which leaves some of it unused */
function codeOf(lengths: Uint8Array, fixed = false): Code {
  const counts = new Uint16Array(MAX_BITS + 1)
  for (const length of lengths) counts[length]!++
  counts[0] = 0
  const offsets = new Uint16Array(MAX_BITS + 2)
  let left = 1
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    left = left * 2 - counts[bits]!
    if (left < 0) throw dataError('invalid code lengths set')
    offsets[bits + 1] = offsets[bits]! + counts[bits]!
  }
  const used = lengths.reduce((sum, length) => sum + (length > 0 ? 1 : 0), 0)
  // Only a code of nothing, or of one word, may leave words unused.
  if (left > 0 && used > 1 && !fixed) throw dataError('incomplete code lengths set')
  const symbols = new Uint16Array(lengths.length)
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[offsets[length]!++] = symbol
  return { counts, symbols }
}

let fixed: readonly [Code, Code] | null = null

/** Reads one DEFLATE stream from some bytes. */
export class Inflater {
  readonly #input: Uint8Array
  readonly #max: number
  #at: number
  #bits = 0
  #held = 0
  #output = new Uint8Array(FIRST_SIZE)
  #length = 0

  /** @param max bytes of output; what would give more is refused */
  constructor(input: Uint8Array, at: number, max: number) {
    this.#input = input
    this.#at = at
    this.#max = max
  }

  /** Where the stream ended in the input. */
  get end(): number {
    return this.#at
  }

  run(): Uint8Array<ArrayBuffer> {
    let last = false
    while (!last) {
      last = this.#take(1) === 1
      const type = this.#take(2)
      if (type === 0) this.#stored()
      else if (type === 3) throw dataError('invalid block type')
      else {
        fixed ??= [codeOf(FIXED_LITERALS), codeOf(FIXED_DISTANCES, true)]
        const [literals, distances] = type === 1 ? fixed : this.#codes()
        this.#compressed(literals, distances)
      }
    }
    return this.#output.slice(0, this.#length)
  }

  #take(count: number): number {
    while (this.#held < count) {
      if (this.#at >= this.#input.length) throw bufferError()
      this.#bits |= this.#input[this.#at++]! << this.#held
      this.#held += 8
    }
    const value = this.#bits & ((1 << count) - 1)
    this.#bits >>>= count
    this.#held -= count
    return value
  }

  #symbol({ counts, symbols }: Code): number {
    let code = 0
    let first = 0
    let index = 0
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      code |= this.#take(1)
      const count = counts[bits]!
      if (code - count < first) return symbols[index + code - first]!
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw dataError('invalid code')
  }

  #codes(): [Code, Code] {
    const literals = this.#take(5) + 257
    const distances = this.#take(5) + 1
    const described = this.#take(4) + 4
    if (literals > 286 || distances > DISTANCE_CODES) throw dataError('too many length or distance symbols')
    const order = new Uint8Array(19)
    for (let at = 0; at < described; at++) order[CODE_LENGTH_ORDER[at]!] = this.#take(3)
    const lengths = this.#lengths(codeOf(order), literals + distances)
    if (lengths[END_OF_BLOCK] === 0) throw dataError('invalid code -- missing end-of-block')
    return [codeOf(lengths.subarray(0, literals)), codeOf(lengths.subarray(literals))]
  }

  #lengths(code: Code, count: number): Uint8Array {
    const lengths = new Uint8Array(count)
    for (let at = 0; at < count; ) {
      const symbol = this.#symbol(code)
      if (symbol < 16) {
        lengths[at++] = symbol
        continue
      }
      if (symbol === 16 && at === 0) throw dataError('invalid bit length repeat')
      const value = symbol === 16 ? lengths[at - 1]! : 0
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7)
      if (at + times > count) throw dataError('invalid bit length repeat')
      lengths.fill(value, at, at + times)
      at += times
    }
    return lengths
  }

  #compressed(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals)
      if (symbol === END_OF_BLOCK) return
      if (symbol < END_OF_BLOCK) {
        this.#room(1)
        this.#output[this.#length++] = symbol
        continue
      }
      const code = symbol - END_OF_BLOCK - 1
      if (code >= LENGTH_CODES) throw dataError('invalid literal/length code')
      const length = LENGTH_BASE[code]! + this.#take(LENGTH_EXTRA[code]!)
      const far = this.#symbol(distances)
      const distance = DISTANCE_BASE[far]! + this.#take(DISTANCE_EXTRA[far]!)
      if (distance > this.#length) throw dataError('invalid distance too far back')
      this.#room(length)
      // Byte by byte: the source may run into what is being written.
      for (let end = this.#length + length; this.#length < end; this.#length++)
        this.#output[this.#length] = this.#output[this.#length - distance]!
    }
  }

  #stored(): void {
    this.#bits = 0
    this.#held = 0
    const length = this.#take(16)
    if (this.#take(16) !== (~length & 0xffff)) throw dataError('invalid stored block lengths')
    if (this.#at + length > this.#input.length) throw bufferError()
    this.#room(length)
    this.#output.set(this.#input.subarray(this.#at, this.#at + length), this.#length)
    this.#length += length
    this.#at += length
  }

  #room(count: number): void {
    const needed = this.#length + count
    if (needed > this.#max) throw tooLarge(this.#max)
    if (needed <= this.#output.length) return
    const grown = new Uint8Array(Math.max(needed, Math.min(this.#output.length * 2, this.#max)))
    grown.set(this.#output)
    this.#output = grown
  }
}
