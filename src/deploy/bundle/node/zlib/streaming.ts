import { Buffer } from 'node:buffer'
import stream from 'readable-stream/lib/stream.js'
import { dataError, tooLarge } from './errors.ts'
import { bytesOf, type Input, maxOf, refuseDictionary, type ZlibOptions } from './input.ts'

/** `unzip` is told by its first byte. */
export type Codec =
  | readonly ['compress', CompressionFormat | 'brotli']
  | readonly ['decompress', CompressionFormat | 'brotli' | 'unzip']

interface Pair {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<BufferSource>
}

function open([direction, format]: Codec, first: number | undefined): Pair {
  const named = (format === 'unzip' ? (first === 0x1f ? 'gzip' : 'deflate') : format) as CompressionFormat
  return direction === 'compress' ? new CompressionStream(named) : new DecompressionStream(named)
}

function asDataError(error: unknown): Error {
  return dataError((error as { message?: string }).message ?? String(error))
}

/** One of Node's streams over a web one. */
export class ZlibStream extends stream.Transform {
  readonly #codec: Codec
  readonly #max: number
  #writer: WritableStreamDefaultWriter<BufferSource> | null = null
  #reading: Promise<void> = Promise.resolve()
  /** Why nothing more can be read: what the writer hears then is only a consequence. */
  #failure: Error | null = null
  bytesWritten = 0

  constructor(codec: Codec, options: ZlibOptions = {}) {
    super(options as object)
    refuseDictionary(options)
    this.#codec = codec
    this.#max = maxOf(options)
  }

  #opened(first: number | undefined): WritableStreamDefaultWriter<BufferSource> {
    if (this.#writer !== null) return this.#writer
    const { readable, writable } = open(this.#codec, first)
    this.#writer = writable.getWriter()
    this.#reading = this.#read(readable)
    return this.#writer
  }

  async #read(readable: ReadableStream<Uint8Array>): Promise<void> {
    let total = 0
    try {
      for await (const piece of readable as unknown as AsyncIterable<Uint8Array>) {
        total += piece.length
        if (total > this.#max) throw tooLarge(this.#max)
        this.push(Buffer.from(piece))
      }
    } catch (error) {
      this.#failure = error instanceof RangeError ? error : asDataError(error)
    }
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    const bytes = bytesOf(chunk)
    this.bytesWritten += bytes.length
    const writer = this.#opened(bytes[0])
    writer.write(bytes).then(
      () => done(),
      (error) => done(this.#failure ?? asDataError(error)),
    )
  }

  override _flush(done: (error?: Error | null) => void): void {
    const closed = this.#opened(undefined).close()
    void Promise.allSettled([closed, this.#reading]).then(([{ status }]) =>
      done(this.#failure ?? (status === 'rejected' ? dataError('the stream could not be ended') : null)),
    )
  }
}

type Done = (error: Error | null, result?: Buffer) => void

/** The function of Node that takes a whole input and calls back. */
export function wholeBy(codec: Codec) {
  return (input: Input, ...rest: [Done] | [ZlibOptions, Done]): void => {
    const done = rest.at(-1) as Done
    const options = rest.length > 1 ? (rest[0] as ZlibOptions) : {}
    const bytes = bytesOf(input)
    const parts: Buffer[] = []
    const through = new ZlibStream(codec, options)
    through.on('data', (part: Buffer) => parts.push(part))
    through.once('error', (error) => done(error))
    through.once('end', () => done(null, Buffer.concat(parts)))
    through.end(bytes)
  }
}
