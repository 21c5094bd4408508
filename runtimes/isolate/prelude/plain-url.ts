/** A URL's parts as the URL library keeps them. */
export interface UrlRecord {
  scheme: string
  username: string
  password: string
  /** An IPv4 address is a number. */
  host: string | number
  port: number | null
  path: string[]
  query: string | null
  fragment: null
}

const PLAIN =
  /^(https?):\/\/(?:((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)|(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}))(?::(\d{1,5}))?(\/[\w!$%&()*+,\-./:;=@~]*)?(?:\?([\w!$%&()*+,\-./:;=?@[\]|~]*))?$/
const DOTS = /\/\.{1,2}(?:\/|$)|%2e/i
const ENCODED = /(?:^|\.)xn--/
const LEADING_ZERO = /^0\d/
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/**
 * Reads the addresses that functions see all day: absolute, plain ASCII, nothing in them to normalise. Null
 * for all others, which the library reads character by character, at ten times the cost.
 */
export function parsePlainUrl(input: string): UrlRecord | null {
  const match = PLAIN.exec(input)
  if (match === null) return null
  const [, scheme, name, a, b, c, d, portText, pathText = '/', query = null] = match
  if (DOTS.test(pathText) || (name !== undefined && ENCODED.test(name))) return null
  const host = name ?? ipv4([a!, b!, c!, d!])
  if (host === null) return null
  const port = portText === undefined ? null : Number(portText)
  if (port !== null && port > 65_535) return null
  return {
    scheme: scheme!,
    username: '',
    password: '',
    host,
    port: port === DEFAULT_PORTS[scheme!] ? null : port,
    path: pathText.slice(1).split('/'),
    query,
    fragment: null,
  }
}

function ipv4(parts: string[]): number | null {
  let address = 0
  for (const part of parts) {
    // A leading zero means octal.
    if (LEADING_ZERO.test(part) || Number(part) > 255) return null
    address = address * 256 + Number(part)
  }
  return address
}
