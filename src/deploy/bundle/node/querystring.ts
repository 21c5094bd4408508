// `node:querystring` where there is no Node.
import { Buffer } from 'node:buffer'

type Values = Record<string, unknown>

interface ParseOptions {
  maxKeys?: number
  decodeURIComponent?: (text: string) => string
}

const MAX_KEYS = 1000

/** The bytes that a text with percent signs stands for; what is no encoding stays as it is. */
export function unescapeBuffer(text: string): Buffer {
  const bytes = Buffer.from(text)
  const out: number[] = []
  for (let at = 0; at < bytes.length; at++) {
    const hex = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : ''
    if (/^[\da-f]{2}$/i.test(hex)) {
      out.push(Number.parseInt(hex, 16))
      at += 2
    } else out.push(bytes[at]!)
  }
  return Buffer.from(out)
}

// biome-ignore lint/suspicious/noShadowRestrictedNames: it is the name of Node's function
export function unescape(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return unescapeBuffer(text).toString()
  }
}

// biome-ignore lint/suspicious/noShadowRestrictedNames: it is the name of Node's function
export function escape(value: unknown): string {
  const text =
    typeof value === 'string' ? value : typeof value === 'object' ? String(value) : `${value as string}`
  try {
    // Node leaves exactly those characters that `encodeURIComponent` leaves.
    return encodeURIComponent(text)
  } catch {
    throw Object.assign(new URIError('URI malformed'), { code: 'ERR_INVALID_URI' })
  }
}

export function parse(
  text: string,
  separator?: string | null,
  equals?: string | null,
  options: ParseOptions | null = {},
): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null)
  if (typeof text !== 'string' || text === '') return found
  const decode = options?.decodeURIComponent ?? querystring.unescape
  const decoded = (part: string): string => {
    const spaced = part.replaceAll('+', ' ')
    try {
      return decode(spaced)
    } catch {
      return unescape(spaced)
    }
  }
  const max = options?.maxKeys ?? MAX_KEYS
  const pairs = text.split(separator || '&').filter((pair) => pair !== '')
  for (const pair of max > 0 ? pairs.slice(0, max) : pairs) {
    const sign = equals || '='
    const at = pair.indexOf(sign)
    const key = decoded(at === -1 ? pair : pair.slice(0, at))
    const value = at === -1 ? '' : decoded(pair.slice(at + sign.length))
    const before = found[key]
    if (before === undefined) found[key] = value
    else if (Array.isArray(before)) before.push(value)
    else found[key] = [before, value]
  }
  return found
}

export function stringify(
  values: Values | null | undefined,
  separator?: string | null,
  equals?: string | null,
  options: { encodeURIComponent?: (text: string) => string } | null = {},
): string {
  if (typeof values !== 'object' || values === null) return ''
  const encode = options?.encodeURIComponent ?? querystring.escape
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (item) => encode(key) + (equals || '=') + encode(plain(item)),
    ),
  )
  return pairs.join(separator || '&')
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : ''
}

export const decode = parse
export const encode = stringify

// Both directions take the functions from here: code replaces them to change the encoding.
const querystring = { decode, encode, escape, parse, stringify, unescape, unescapeBuffer }
export default querystring
