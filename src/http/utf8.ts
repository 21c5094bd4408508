import { GatewayError } from '../errors.ts'

const BLOCK = 65_536

/** Decodes UTF-8, strictly. @throws GatewayError malformed_json with the offset of the first bad byte */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const offset = firstBadByte(bytes)
    throw new GatewayError('malformed_json', `Cannot read the body: byte ${offset} is not UTF-8`, {
      position: { offset },
    })
  }
}

/** The decoder does not say where it failed: blocks narrow it down, halves find the byte. */
function firstBadByte(bytes: Uint8Array): number {
  let start = 0
  while (start + BLOCK < bytes.length) {
    const next = startOfCharacter(bytes, start + BLOCK)
    if (!isPrefix(bytes.subarray(start, next))) break
    start = next
  }
  const block = bytes.subarray(start, start + BLOCK + 4)
  let good = 0
  let bad = block.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isPrefix(block.subarray(0, middle))) good = middle
    else bad = middle
  }
  return start + Math.min(good, bytes.length)
}

function startOfCharacter(bytes: Uint8Array, at: number): number {
  let start = at
  while (at - start < 3 && (bytes[start]! & 0xc0) === 0x80) start--
  return start
}

/** True for bytes that are UTF-8 so far; a character may be cut at the end. */
function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
