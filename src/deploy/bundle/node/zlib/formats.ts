import { adler32, crc32 } from './checksums.ts'
import { deflateRaw } from './deflate.ts'
import { bufferError, dataError } from './errors.ts'
import { Inflater } from './inflate.ts'

export type Format = 'deflate-raw' | 'deflate' | 'gzip'
type Bytes = Uint8Array<ArrayBuffer>

const EXTRA = 4
const NAME = 8
const COMMENT = 16
const HEADER_CHECK = 2
/** Flags above it have no meaning. */
const RESERVED = 31

/** Compresses some bytes at once. */
export function pack(format: Format, data: Uint8Array, level: number): Bytes {
  const body = deflateRaw(data, level)
  if (format === 'deflate-raw') return body
  const gzip = format === 'gzip'
  const head = gzip ? [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level === 9 ? 2 : 0, 3] : zlibHead(level)
  const out = new Uint8Array(head.length + body.length + (gzip ? 8 : 4))
  out.set(head)
  out.set(body, head.length)
  const tail = new DataView(out.buffer, head.length + body.length)
  if (gzip) {
    tail.setUint32(0, crc32(data), true)
    tail.setUint32(4, data.length, true)
  } else tail.setUint32(0, adler32(data))
  return out
}

function zlibHead(level: number): number[] {
  const rank = level < 2 ? 0 : level < 6 ? 1 : level === 6 ? 2 : 3
  const flags = rank << 6
  return [0x78, flags + 31 - ((0x7800 + flags) % 31)]
}

/** Expands some bytes at once, and checks what they say about themselves. */
export function unpack(format: Format, input: Uint8Array, max: number): Bytes {
  if (format === 'deflate-raw') return new Inflater(input, 0, max).run()
  if (format === 'gzip') return members(input, max)
  if (input.length < 2) throw bufferError()
  if (((input[0]! << 8) | input[1]!) % 31 !== 0) throw dataError('incorrect header check')
  if ((input[0]! & 15) !== 8) throw dataError('unknown compression method')
  const inflater = new Inflater(input, 2, max)
  const out = inflater.run()
  if (readTail(input, inflater.end, 4).getUint32(0) !== adler32(out)) throw dataError('incorrect data check')
  return out
}

/** A file of gzip may have several members; what stands behind them and is none is left alone. */
function members(input: Uint8Array, max: number): Bytes {
  const parts: Bytes[] = []
  let at = 0
  let total = 0
  do {
    const inflater = new Inflater(input, afterHead(input, at), max - total)
    const out = inflater.run()
    const tail = readTail(input, inflater.end, 8)
    if (tail.getUint32(0, true) !== crc32(out)) throw dataError('incorrect data check')
    if (tail.getUint32(4, true) !== out.length % 2 ** 32) throw dataError('incorrect length check')
    parts.push(out)
    total += out.length
    at = inflater.end + 8
  } while (input[at] === 0x1f && input[at + 1] === 0x8b)
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(total)
  let length = 0
  for (const part of parts) {
    whole.set(part, length)
    length += part.length
  }
  return whole
}

function afterHead(input: Uint8Array, start: number): number {
  if (input.length < start + 2) throw bufferError()
  if (input[start] !== 0x1f || input[start + 1] !== 0x8b) throw dataError('incorrect header check')
  if (input.length < start + 10) throw bufferError()
  if (input[start + 2] !== 8) throw dataError('unknown compression method')
  const flags = input[start + 3]!
  if (flags > RESERVED) throw dataError('unknown header flags set')
  let at = start + 10
  if (flags & EXTRA) at += 2 + (input[at]! | (input[at + 1]! << 8))
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) === 0) continue
    const zero = input.indexOf(0, at)
    if (zero === -1) throw bufferError()
    at = zero + 1
  }
  if ((flags & HEADER_CHECK) === 0) return at
  const check = readTail(input, at, 2).getUint16(0, true)
  if (check !== (crc32(input.subarray(start, at)) & 0xffff)) throw dataError('header crc mismatch')
  return at + 2
}

function readTail(input: Uint8Array, at: number, length: number): DataView {
  if (at + length > input.length) throw bufferError()
  return new DataView(input.buffer, input.byteOffset + at, length)
}
