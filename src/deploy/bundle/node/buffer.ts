// `node:buffer` where there is no Node: unenv's Buffer, with what its module leaves open.
import { kMaxLength, constants as limits } from 'unenv/node/buffer'
import { Buffer, INSPECT_MAX_BYTES } from './buffer-base.ts'

export { Buffer, INSPECT_MAX_BYTES, kMaxLength }

/** What V8 allows on 64 bits. */
export const kStringMaxLength = 0x1fffffe8
export const constants = { ...limits, MAX_STRING_LENGTH: kStringMaxLength }
export const { Blob, File } = globalThis
export const atob = (data: string): string => globalThis.atob(data)
export const btoa = (data: string): string => globalThis.btoa(data)

type Bytes = ArrayBuffer | ArrayBufferView

function view(input: Bytes): Uint8Array {
  return ArrayBuffer.isView(input)
    ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    : new Uint8Array(input)
}

/** @see https://nodejs.org/api/buffer.html#bufferisutf8input */
export function isUtf8(input: Bytes): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(view(input))
    return true
  } catch {
    return false
  }
}

/** @see https://nodejs.org/api/buffer.html#bufferisasciiinput */
export function isAscii(input: Bytes): boolean {
  return view(input).every((byte) => byte < 0x80)
}

/** @see https://nodejs.org/api/buffer.html#buffertranscodesource-fromenc-toenc */
export function transcode(source: Uint8Array, from: BufferEncoding, to: BufferEncoding): Buffer {
  return Buffer.from(Buffer.from(source).toString(from), to)
}

export default {
  Blob,
  Buffer,
  File,
  INSPECT_MAX_BYTES,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  transcode,
}
