interface Base64Bytes {
  toBase64?(): string
}
interface Base64Constructor {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>
}

let encode: (() => string) | undefined
let decode: ((text: string) => Uint8Array<ArrayBuffer>) | undefined

/** Finds the engine's own functions. Once more when a sandbox goes live: while a snapshot is made they are missing. */
export function findNativeBase64(): void {
  encode = (Uint8Array.prototype as Base64Bytes).toBase64
  decode = (Uint8Array as Base64Constructor).fromBase64
}
findNativeBase64()

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return encode!.call(bytes)
}

/** The bytes, or null where the text is not base64. White space does not matter, nor does missing padding. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return decode!.call(Uint8Array, text)
  } catch {
    return null
  }
}
