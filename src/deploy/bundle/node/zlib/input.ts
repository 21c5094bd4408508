import { Buffer } from 'node:buffer'
import { invalidArgument } from '../errors.ts'

/** What is understood of Node's options; the size of chunks and memory have no meaning here. */
export interface ZlibOptions {
  level?: number
  maxOutputLength?: number
  dictionary?: unknown
}

export type Input = string | ArrayBuffer | ArrayBufferView

export function bytesOf(input: Input): Uint8Array<ArrayBuffer> {
  if (typeof input === 'string') return Buffer.from(input)
  if (input instanceof ArrayBuffer) return new Uint8Array(input)
  if (ArrayBuffer.isView(input))
    return new Uint8Array(input.buffer as ArrayBuffer, input.byteOffset, input.byteLength)
  throw invalidArgument(
    'buffer',
    'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer',
    input,
  )
}

const DEFAULT_LEVEL = 6

export function levelOf(options: ZlibOptions = {}): number {
  refuseDictionary(options)
  const { level = DEFAULT_LEVEL } = options
  if (level === -1) return DEFAULT_LEVEL
  if (Number.isInteger(level) && level >= 0 && level <= 9) return level
  const error = new RangeError(
    `The value of "options.level" is out of range. It must be >= -1 and <= 9. Received ${level}`,
  )
  throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' })
}

/** Bytes of output at most; an isolate's memory is far below what an array can hold. */
export function maxOf(options: ZlibOptions = {}): number {
  refuseDictionary(options)
  return options.maxOutputLength ?? 0x7fffffff
}

export function refuseDictionary(options: ZlibOptions): void {
  if (options.dictionary !== undefined)
    throw new Error('Cannot use the option "dictionary" in an isolate: deploy with c_type docker')
}
