import { concat, utf8 } from '../../javascript/bytes.ts'
import { need, toDictionary, toInteger, toUSVString } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { streamOf } from './streams.ts'

type Bytes = Uint8Array<ArrayBuffer>

const { TextDecoder } = globalThis
const decoder = new TextDecoder()
const PRINTABLE = /^[\x20-\x7e]*$/

let blobBytes: (blob: Blob) => Bytes
let blobOf: (bytes: Bytes, type: string) => Blob

/** https://w3c.github.io/FileAPI/#blob-section */
export class Blob {
  #bytes: Bytes
  #type: string

  static {
    blobBytes = (blob) => blob.#bytes
    blobOf = (bytes, type) => {
      const blob = new Blob()
      blob.#bytes = bytes
      blob.#type = type
      return blob
    }
  }

  constructor(parts: unknown = undefined, options: unknown = undefined) {
    const items = parts === undefined ? [] : toParts(parts)
    const { endings, type } = readOptions(options)
    this.#bytes = join(items, endings)
    this.#type = type
  }

  get size(): number {
    return this.#bytes.length
  }

  get type(): string {
    return this.#type
  }

  slice(start: unknown = 0, end: unknown = undefined, contentType: unknown = ''): Blob {
    const from = toInteger(start)
    const to = end === undefined ? this.#bytes.length : toInteger(end)
    const type = contentType === undefined ? '' : String(contentType)
    // Blobs never change, so a part may share the bytes of the whole.
    const view = this.#bytes.subarray(from, Math.max(to, to < 0 ? -this.#bytes.length : 0))
    return blobOf(view, toType(type))
  }

  stream(): ReadableStream<Bytes> {
    return streamOf(this.#bytes)
  }

  async text(): Promise<string> {
    return decoder.decode(this.#bytes)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer
  }

  async bytes(): Promise<Bytes> {
    return this.#bytes.slice()
  }
}

/** https://w3c.github.io/FileAPI/#file-section */
export class File extends Blob {
  readonly #name: string
  readonly #lastModified: number

  constructor(parts: unknown, name: unknown, options: unknown = undefined) {
    need(arguments.length, 2, 'File')
    super(parts === undefined ? null : parts, options)
    this.#name = toUSVString(name)
    const { lastModified } = toDictionary(options, 'File')
    this.#lastModified = lastModified === undefined ? Date.now() : toInteger(lastModified)
  }

  get name(): string {
    return this.#name
  }

  get lastModified(): number {
    return this.#lastModified
  }

  get webkitRelativePath(): string {
    return ''
  }
}

export { blobBytes, blobOf }

type Part = string | Blob | ArrayBufferView | ArrayBuffer

/** Takes the parts one by one, each converted before the next is looked at. */
function toParts(parts: unknown): Part[] {
  const isObject = (typeof parts === 'object' && parts !== null) || typeof parts === 'function'
  const iterate: unknown = isObject ? (parts as Iterable<unknown>)[Symbol.iterator] : undefined
  if (typeof iterate !== 'function') throw new TypeError('Blob: the parts must be an iterable object')
  const items: Part[] = []
  for (const part of { [Symbol.iterator]: () => Reflect.apply(iterate, parts, []) as Iterator<unknown> })
    items.push(isBytes(part) ? part : toUSVString(part))
  return items
}

function isBytes(part: unknown): part is Exclude<Part, string> {
  return part instanceof Blob || ArrayBuffer.isView(part) || part instanceof ArrayBuffer
}

function readOptions(options: unknown): { endings: string; type: string } {
  const given = toDictionary(options, 'Blob')
  const endings = given.endings === undefined ? 'transparent' : `${given.endings as string}`
  if (endings !== 'transparent' && endings !== 'native')
    throw new TypeError(`Blob: endings must be "transparent" or "native": it is "${endings}"`)
  return { endings, type: given.type === undefined ? '' : toType(`${given.type as string}`) }
}

function toType(type: string): string {
  return PRINTABLE.test(type) ? type.toLowerCase() : ''
}

function join(parts: Part[], endings: string): Bytes {
  const pieces: Uint8Array[] = []
  let total = 0
  for (const part of parts) {
    const piece = toPiece(part, endings)
    pieces.push(piece)
    total += piece.length
  }
  return concat(pieces, total)
}

function toPiece(part: Part, endings: string): Uint8Array {
  if (part instanceof Blob) return blobBytes(part)
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  if (part instanceof ArrayBuffer) return new Uint8Array(part)
  return utf8(endings === 'native' ? part.replace(/\r\n?/g, '\n') : part)
}

exposeInterfaces({ Blob, File })
