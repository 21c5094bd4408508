// `node:string_decoder` where there is no Node: bytes cut anywhere become text that is never cut.
import { Buffer } from 'node:buffer'
import { invalidArgument } from './errors.ts'

type Encoding = 'utf8' | 'utf16le' | 'base64' | 'base64url' | 'latin1' | 'ascii' | 'hex'

/** Bytes that one unit of an encoding needs; what is short of it waits for the next write. */
const UNIT: Readonly<Partial<Record<Encoding, number>>> = { utf16le: 2, base64: 3, base64url: 3 }
const NAMES: Readonly<Record<string, Encoding>> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
  base64: 'base64',
  base64url: 'base64url',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
  hex: 'hex',
}

/** @see https://nodejs.org/api/string_decoder.html */
export class StringDecoder {
  readonly encoding: string
  readonly #encoding: Encoding
  #rest: Uint8Array = new Uint8Array(0)

  constructor(encoding = 'utf8') {
    const found = NAMES[String(encoding).toLowerCase()]
    if (found === undefined)
      throw Object.assign(new TypeError(`Unknown encoding: ${encoding}`), { code: 'ERR_UNKNOWN_ENCODING' })
    this.#encoding = found
    this.encoding = found
  }

  write(chunk: ArrayBufferView | string): string {
    if (typeof chunk === 'string') return chunk
    if (!ArrayBuffer.isView(chunk))
      throw invalidArgument('buf', 'an instance of Buffer, TypedArray, or DataView', chunk)
    const given = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = this.#rest.length === 0 ? given : Buffer.concat([this.#rest, given])
    const whole = bytes.length - this.#waiting(bytes)
    this.#rest = bytes.slice(whole)
    return this.#text(bytes.subarray(0, whole))
  }

  end(chunk?: ArrayBufferView | string): string {
    const text = chunk === undefined ? '' : this.write(chunk)
    const last = this.#rest
    this.#rest = new Uint8Array(0)
    return text + this.#text(last)
  }

  /** How many bytes at the end begin something that is not whole yet. */
  #waiting(bytes: Uint8Array): number {
    if (this.#encoding === 'utf8') return waitingUtf8(bytes)
    const rest = bytes.length % (UNIT[this.#encoding] ?? 1)
    if (this.#encoding !== 'utf16le') return rest
    // The first half of a surrogate pair waits for the second.
    const high = bytes[bytes.length - rest - 1]
    return high !== undefined && (high & 0xfc) === 0xd8 ? rest + 2 : rest
  }

  #text(bytes: Uint8Array): string {
    if (this.#encoding === 'utf8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    const buffer = Buffer.from(bytes)
    if (this.#encoding === 'base64url')
      return buffer.toString('base64').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    return buffer.toString(this.#encoding)
  }
}

/** The bytes of a character that is not whole: at most three, and only such as may still become one. */
function waitingUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length =
      byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xf0 && byte < 0xf5 ? 4 : 1
    return length > back ? back : 0
  }
  return 0
}

export default { StringDecoder }
