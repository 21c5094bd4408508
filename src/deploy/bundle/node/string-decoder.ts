// `node:string_decoder` where there is no Node: bytes cut anywhere become text that is never cut.
import { Buffer } from 'node:buffer'

/** Bytes that one unit of an encoding needs; what is short of it waits for the next write. */
const UNIT: Record<string, number> = {
  utf16le: 2,
  ucs2: 2,
  'utf-16le': 2,
  'ucs-2': 2,
  base64: 3,
  base64url: 3,
}

/** @see https://nodejs.org/api/string_decoder.html */
export class StringDecoder {
  readonly encoding: string
  #utf8: TextDecoder | null
  #rest: Uint8Array = new Uint8Array(0)

  constructor(encoding = 'utf8') {
    const name = encoding.toLowerCase()
    if (!Buffer.isEncoding(name)) throw new TypeError(`Unknown encoding: ${encoding}`)
    this.encoding = name === 'utf-8' ? 'utf8' : name
    this.#utf8 = this.encoding === 'utf8' ? utf8() : null
  }

  write(chunk: Uint8Array | string): string {
    if (typeof chunk === 'string') return chunk
    if (this.#utf8 !== null) return this.#utf8.decode(chunk, { stream: true })
    const bytes = Buffer.concat([this.#rest, chunk])
    let whole = bytes.length - (bytes.length % (UNIT[this.encoding] ?? 1))
    // The first half of a surrogate pair waits for the second.
    if (UNIT[this.encoding] === 2 && whole >= 2 && (bytes[whole - 1]! & 0xfc) === 0xd8) whole -= 2
    this.#rest = bytes.subarray(whole)
    return bytes.toString(this.encoding as BufferEncoding, 0, whole)
  }

  end(chunk?: Uint8Array | string): string {
    const text = chunk === undefined ? '' : this.write(chunk)
    if (this.#utf8 !== null) {
      const last = this.#utf8.decode()
      this.#utf8 = utf8()
      return text + last
    }
    const last = Buffer.from(this.#rest).toString(this.encoding as BufferEncoding)
    this.#rest = new Uint8Array(0)
    return text + last
  }
}

function utf8(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true })
}

export default { StringDecoder }
