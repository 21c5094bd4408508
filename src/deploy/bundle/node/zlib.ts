// `node:zlib` where there is no Node: whole inputs and streams by the host's codecs, and at once what can be
// computed here, within the limits of the isolate itself.
import { Buffer } from 'node:buffer'
import { crc32 as crc } from './zlib/checksums.ts'
import { type Format, pack, unpack } from './zlib/formats.ts'
import { bytesOf, type Input, levelOf, maxOf, type ZlibOptions } from './zlib/input.ts'
import { type Codec, wholeBy, ZlibStream } from './zlib/streaming.ts'

function packing(format: Format) {
  return (input: Input, options?: ZlibOptions): Buffer =>
    Buffer.from(pack(format, bytesOf(input), levelOf(options)).buffer)
}
function unpacking(format: Format) {
  return (input: Input, options?: ZlibOptions): Buffer =>
    Buffer.from(unpack(format, bytesOf(input), maxOf(options)).buffer)
}

export const gzipSync = packing('gzip')
export const deflateSync = packing('deflate')
export const deflateRawSync = packing('deflate-raw')
export const gunzipSync = unpacking('gzip')
export const inflateSync = unpacking('deflate')
export const inflateRawSync = unpacking('deflate-raw')
export const unzipSync = (input: Input, options?: ZlibOptions): Buffer =>
  bytesOf(input)[0] === 0x1f ? gunzipSync(input, options) : inflateSync(input, options)

function made(codec: Codec) {
  return (options?: ZlibOptions): ZlibStream => new ZlibStream(codec, options)
}

const GZIP = ['compress', 'gzip'] as const
const DEFLATE = ['compress', 'deflate'] as const
const DEFLATE_RAW = ['compress', 'deflate-raw'] as const
const BROTLI = ['compress', 'brotli'] as const
const GUNZIP = ['decompress', 'gzip'] as const
const INFLATE = ['decompress', 'deflate'] as const
const INFLATE_RAW = ['decompress', 'deflate-raw'] as const
const UNBROTLI = ['decompress', 'brotli'] as const
const UNZIP = ['decompress', 'unzip'] as const

export const gzip = wholeBy(GZIP)
export const deflate = wholeBy(DEFLATE)
export const deflateRaw = wholeBy(DEFLATE_RAW)
export const brotliCompress = wholeBy(BROTLI)
export const gunzip = wholeBy(GUNZIP)
export const inflate = wholeBy(INFLATE)
export const inflateRaw = wholeBy(INFLATE_RAW)
export const brotliDecompress = wholeBy(UNBROTLI)
export const unzip = wholeBy(UNZIP)
export const createGzip = made(GZIP)
export const createDeflate = made(DEFLATE)
export const createDeflateRaw = made(DEFLATE_RAW)
export const createBrotliCompress = made(BROTLI)
export const createGunzip = made(GUNZIP)
export const createInflate = made(INFLATE)
export const createInflateRaw = made(INFLATE_RAW)
export const createBrotliDecompress = made(UNBROTLI)
export const createUnzip = made(UNZIP)

/** @see https://nodejs.org/api/zlib.html#zlibcrc32data-value */
export const crc32 = (data: Input, value = 0): number => crc(bytesOf(data), value)

export const constants = {
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_OK: 0,
  Z_STREAM_END: 1,
  Z_DATA_ERROR: -3,
  Z_BUF_ERROR: -5,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_DEFAULT_STRATEGY: 0,
  Z_DEFAULT_WINDOWBITS: 15,
  BROTLI_OPERATION_PROCESS: 0,
  BROTLI_OPERATION_FLUSH: 1,
  BROTLI_OPERATION_FINISH: 2,
  BROTLI_PARAM_MODE: 0,
  BROTLI_PARAM_QUALITY: 1,
  BROTLI_PARAM_LGWIN: 2,
  BROTLI_PARAM_SIZE_HINT: 5,
}

export default {
  brotliCompress,
  brotliDecompress,
  constants,
  crc32,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  createUnzip,
  deflate,
  deflateRaw,
  deflateRawSync,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  unzip,
  unzipSync,
}
