import { callHost } from './host.ts'

type Bytes = Uint8Array<ArrayBuffer>

const { TextDecoder } = globalThis
const decoder = new TextDecoder()
/** A script decodes some 100 bytes in a microsecond, the host some 2000, but to ask it takes 20 microseconds. */
const WORTH_ASKING = 4096
/** What the host decodes at a time: while it does nobody else is served. */
const PIECE = 262_144

/** UTF-8 as https://encoding.spec.whatwg.org/#utf-8-decode has it: a byte order mark is dropped, faults are replaced. */
export function decodeUtf8(bytes: Bytes): string {
  if (bytes.length < WORTH_ASKING) return decoder.decode(bytes)
  let text = ''
  let at = startsWithMark(bytes) ? 3 : 0
  while (at < bytes.length) {
    const end = pieceEnd(bytes, at)
    // The host is given the whole buffer of what it is given.
    const piece = end - at === bytes.buffer.byteLength ? bytes : bytes.slice(at, end)
    const decoded = callHost('decode', piece)
    if (typeof decoded !== 'string') return decoder.decode(bytes)
    text += decoded
    at = end
  }
  return text
}

/** Not within a character: its later bytes begin with the bits 10. */
function pieceEnd(bytes: Bytes, at: number): number {
  if (bytes.length - at <= PIECE) return bytes.length
  let end = at + PIECE
  while (end > at + PIECE - 4 && (bytes[end]! & 0xc0) === 0x80) end--
  return end
}

function startsWithMark(bytes: Bytes): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
