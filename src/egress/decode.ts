import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { Inflate } from './inflate.ts'

/** Codings that one body may be wrapped in; more are an attack. */
const MAX_CODINGS = 5

/**
 * What takes the codings off a body, in the order in which the bytes pass. Empty when there is nothing to do, as
 * for a coding that is not known: its reader gets it as it came.
 * @throws TypeError for too many codings
 */
export function decodersOf(contentEncoding: string): readonly (() => Transform)[] {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > MAX_CODINGS)
    throw new TypeError(`its answer has ${codings.length} content codings, at most ${MAX_CODINGS} are read`)
  const decoders = codings.reverse().map((coding) => DECODERS[coding])
  return decoders.every((decoder) => decoder !== undefined) ? decoders : []
}

// Flushed at once, and lenient at the end, as browsers are: an event stream may be compressed too.
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
const lenient = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
const lenientBrotli = { flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip(lenient),
  'x-gzip': () => zlib.createGunzip(lenient),
  deflate: () => new Inflate(),
  br: () => zlib.createBrotliDecompress(lenientBrotli),
  zstd: () => zlib.createZstdDecompress(),
}
