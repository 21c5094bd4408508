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
import { STEP } from '../prelude/compression-step.ts'
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
  /** What was written last, or the end, is not worked through yet. */
  working: boolean
  failure: Error | null
  /** Something happened to the codec. */
  wake: () => void
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

  async function take(handle: unknown, open: Open): Promise<Uint8Array> {
    try {
      return await output(open)
    } catch (error) {
      close(handle)
      throw error
    }
  }

  function begin(handle: unknown): Open {
    const open = find(handle)
    if (open.working) throw new TypeError('The stream is still at work')
    open.working = true
    return open
  }

  return [
    [
      'zlib.open',
      ([direction, format]) => {
        const make = CODECS[`${String(direction)} ${String(format)}`]
        if (make === undefined) throw new TypeError(`There is no format "${String(format)}"`)
        if (streams.size >= MAX_OPEN)
          throw new TypeError(`More than ${MAX_OPEN} compression streams are open`)
        const handle = next++
        streams.set(handle, opened(make()))
        return handle
      },
    ],
    [
      'zlib.write',
      ([handle, bytes]) => {
        if (!(bytes instanceof Uint8Array)) throw new TypeError('A piece of the stream must be bytes')
        const open = begin(handle)
        open.codec.write(bytes, () => settle(open))
        return take(handle, open)
      },
    ],
    [
      'zlib.end',
      ([handle]) => {
        const open = begin(handle)
        open.codec.once('end', () => settle(open))
        open.codec.end()
        return take(handle, open)
      },
    ],
    ['zlib.more', ([handle]) => take(handle, find(handle))],
    ['zlib.close', ([handle]) => close(handle)],
  ]
}

function opened(codec: Codec): Open {
  const open: Open = { codec, working: false, failure: null, wake: () => {} }
  // Nobody listens for data: the codec stops until its output is read.
  codec.on('readable', () => open.wake())
  codec.on('error', (error) => {
    open.failure = error
    open.wake()
  })
  return open
}

function settle(open: Open): void {
  open.working = false
  open.wake()
}

/** The output of the step that is under way, or so much of it as is handed over at a time. */
async function output(open: Open): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  let total = 0
  while (total < STEP) {
    const woken = new Promise<void>((resolve) => {
      open.wake = resolve
    })
    const piece = open.codec.read() as Buffer | null
    if (open.failure !== null) throw new TypeError(open.failure.message)
    if (piece !== null) {
      pieces.push(piece)
      total += piece.length
    } else if (open.working) await woken
    else break
  }
  return new Uint8Array(Buffer.concat(pieces))
}
