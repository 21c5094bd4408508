import { Transform, type TransformCallback } from 'node:stream'
import * as zlib from 'node:zlib'

const { Z_SYNC_FLUSH } = zlib.constants
const LENIENT = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
const DEFLATE = 8

/** Takes off `deflate`, with its header or, as some servers send it, without: the first byte tells. */
export class Inflate extends Transform {
  #inner: zlib.Inflate | zlib.InflateRaw | null = null

  override _transform(chunk: Uint8Array, encoding: BufferEncoding, done: TransformCallback): void {
    this.#inner ??= this.#open(chunk[0]!)
    this.#inner.write(chunk, encoding, done)
  }

  override _flush(done: TransformCallback): void {
    if (this.#inner === null) done()
    else this.#inner.once('end', done).end()
  }

  override _read(size: number): void {
    this.#inner?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy()
    done(error)
  }

  #open(first: number): zlib.Inflate | zlib.InflateRaw {
    const inner = (first & 15) === DEFLATE ? zlib.createInflate(LENIENT) : zlib.createInflateRaw(LENIENT)
    inner.on('data', (bytes: Uint8Array) => {
      if (!this.push(bytes)) inner.pause()
    })
    inner.on('error', (error) => this.destroy(error))
    return inner
  }
}
