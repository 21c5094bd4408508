import type { Duplex as NodeDuplex, ReadableOptions, WritableOptions } from 'node:stream'
import stream from 'readable-stream/lib/stream.js'
import { readableFromWeb, readableToWeb } from './stream-web-readable.ts'
import { writableFromWeb, writableToWeb } from './stream-web-writable.ts'

interface Pair {
  readonly readable: ReadableStream
  readonly writable: WritableStream
}

/** @see https://nodejs.org/api/stream.html#streamduplexfromwebpair-options */
export function duplexFromWeb(pair: Pair, options?: ReadableOptions & WritableOptions): NodeDuplex {
  const readable = readableFromWeb(pair.readable, options)
  const writable = writableFromWeb(pair.writable, options)
  return stream.Duplex.from({ readable, writable } as never)
}

/** @see https://nodejs.org/api/stream.html#streamduplextowebstreamduplex-options */
export function duplexToWeb(duplex: NodeDuplex): Pair {
  return { readable: readableToWeb(duplex), writable: writableToWeb(duplex) }
}
