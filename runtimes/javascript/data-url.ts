import { fromBase64 } from './base64.ts'
import { parseMimeType, serialiseMimeType } from './mime-type.ts'

const FORM = /^data:([^,]*),(.*)$/s

/** https://fetch.spec.whatwg.org/#data-url-processor @throws TypeError */
export function readDataUrl(url: string): { type: string; bytes: Uint8Array<ArrayBuffer> } {
  const match = FORM.exec(url.split('#', 1)[0]!)
  if (match === null) throw new TypeError('fetch failed: the data address has no comma')
  const marker = /;[ ]*base64[ ]*$/i
  const isBase64 = marker.test(match[1]!)
  const type = match[1]!.replace(marker, '').trim()
  const raw = percentDecode(match[2]!)
  const bytes = isBase64 ? fromBase64(latin1(raw)) : raw
  if (bytes === null) throw new TypeError('fetch failed: the data address is not base64')
  return { type: mediaType(type), bytes }
}

function mediaType(text: string): string {
  const type = parseMimeType(text.startsWith(';') ? `text/plain${text}` : text)
  return type === null ? 'text/plain;charset=US-ASCII' : serialiseMimeType(type)
}

function percentDecode(text: string): Uint8Array<ArrayBuffer> {
  // An address is ASCII: what is not was escaped when it was parsed.
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const hexPair = text[at] === '%' ? /^%[0-9a-f]{2}/i.exec(text.slice(at, at + 3)) : null
    if (hexPair === null) bytes[length++] = text.charCodeAt(at)
    else {
      bytes[length++] = Number.parseInt(hexPair[0].slice(1), 16)
      at += 2
    }
  }
  return bytes.slice(0, length)
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
