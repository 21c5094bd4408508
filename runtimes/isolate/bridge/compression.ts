import {
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
} from 'node:zlib'
import type { Service } from './services.ts'

type Codec = ReturnType<typeof createGzip | typeof createBrotliCompress>

/** Streams of one isolate that are open at a time. */
const MAX_OPEN = 256
const STRICT = { rejectGarbageAfterEnd: true }
const CODECS: Readonly<Record<string, () => Codec>> = {
  'compress deflate': () => createDeflate(),
  'compress deflate-raw': () => createDeflateRaw(),
  'compress gzip': () => createGzip(),
  'compress brotli': () => createBrotliCompress(),
  'decompress deflate': () => createInflate(STRICT),
  'decompress deflate-raw': () => createInflateRaw(STRICT),
  'decompress gzip': () => createGunzip(STRICT),
  'decompress brotli': () => createBrotliDecompress(STRICT),
}

interface Open {
  readonly codec: Codec
  /** Output that was not handed over yet. */
  output: Buffer[]
  failure: Error | null
}

/** Compression for one isolate. */
export function createCompression(): [string, Service][] {
  const streams = new Map<number, Open>()
  let next = 1

  function find(handle: unknown): Open {
    const open = streams.get(Number(handle))
    if (open === undefined) throw new TypeError('The stream is closed')
    return open
  }

  function close(handle: unknown): void {
    streams.get(Number(handle))?.codec.destroy()
    streams.delete(Number(handle))
  }

  return [
    [
      'zlib.open',
      ([direction, format]) => {
        const make = CODECS[`${String(direction)} ${String(format)}`]
        if (make === undefined) throw new TypeError(`There is no format "${String(format)}"`)
        if (streams.size >= MAX_OPEN)
          throw new TypeError(`More than ${MAX_OPEN} compression streams are open`)
        const open: Open = { codec: make(), output: [], failure: null }
        open.codec.on('data', (piece: Buffer) => open.output.push(piece))
        open.codec.on('error', (error) => {
          open.failure = error
        })
        const handle = next++
        streams.set(handle, open)
        return handle
      },
    ],
    [
      'zlib.write',
      async ([handle, bytes]) => {
        const open = find(handle)
        if (!(bytes instanceof Uint8Array)) throw new TypeError('A piece of the stream must be bytes')
        try {
          await settled(open, (done) => open.codec.write(bytes, done))
          return take(open)
        } catch (error) {
          close(handle)
          throw error
        }
      },
    ],
    [
      'zlib.end',
      async ([handle]) => {
        const open = find(handle)
        try {
          await settled(open, (done) => {
            open.codec.once('end', () => done())
            open.codec.end()
          })
          return take(open)
        } finally {
          close(handle)
        }
      },
    ],
    ['zlib.close', ([handle]) => close(handle)],
  ]
}

/** Runs one step of a codec; its error may come as an event instead of through the callback. */
function settled(open: Open, step: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      open.codec.off('error', done)
      const failure = error ?? open.failure
      if (failure) reject(new TypeError(failure.message))
      else resolve()
    }
    if (open.failure !== null) {
      done()
      return
    }
    open.codec.once('error', done)
    step(done)
  })
}

function take(open: Open): Uint8Array {
  const whole = new Uint8Array(Buffer.concat(open.output))
  open.output = []
  return whole
}
