// `node:stream` where there is no Node: Node's own streams, which the package readable-stream takes out of it.
import stream from 'readable-stream/lib/stream.js'
import { duplexFromWeb, duplexToWeb } from './stream-web-duplex.ts'
import { readableFromWeb, readableToWeb } from './stream-web-readable.ts'
import { writableFromWeb, writableToWeb } from './stream-web-writable.ts'

// The package leaves out what needs web streams.
Object.assign(stream.Readable, { fromWeb: readableFromWeb, toWeb: readableToWeb })
Object.assign(stream.Writable, { fromWeb: writableFromWeb, toWeb: writableToWeb })
Object.assign(stream.Duplex, { fromWeb: duplexFromWeb, toWeb: duplexToWeb })

export const {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  addAbortSignal,
  compose,
  finished,
  getDefaultHighWaterMark,
  isErrored,
  isReadable,
  pipeline,
  promises,
  setDefaultHighWaterMark,
} = stream
export const { destroy, isDestroyed, isDisturbed, isWritable } = stream as unknown as Record<
  string,
  (target: unknown) => boolean
>

export default stream
