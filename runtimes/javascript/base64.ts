interface Base64Bytes {
  toBase64?(): string
}
interface Base64Constructor {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>
}

type Encode = (this: Uint8Array) => string
type Decode = (text: string) => Uint8Array<ArrayBuffer>

let native: Encode | undefined
let nativeFrom: Decode | undefined
const PIECE = 8190

/** Finds the engine's own functions. Once more when a sandbox goes live: while a snapshot is made they are missing. */
export function findNativeBase64(): void {
  native = (Uint8Array.prototype as Base64Bytes).toBase64
  nativeFrom = (Uint8Array as Base64Constructor).fromBase64
}
findNativeBase64()

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  if (native !== undefined) return native.call(bytes)
  let text = ''
  // A multiple of three, so that the pieces can be joined.
  for (let at = 0; at < bytes.length; at += PIECE)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)))
  return text
}

/** The bytes, or null where the text is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    if (nativeFrom !== undefined) return nativeFrom.call(Uint8Array, text)
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
