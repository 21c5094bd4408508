/** Where a function may go: a host of any port, a host with one port, or a network. */
export type Destination =
  | { readonly kind: 'host'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'network'; readonly address: string; readonly bits: number }

const PORT = /^(.*):(\d{1,5})$/
const LABELS = /^(?=.{1,254}$)(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i
const CIDR = /^(.+)\/(\d{1,3})$/

/**
 * Reads one entry of an allow list: `db.internal`, `*.example.com`, `localhost:8080`, `10.0.0.5`, `[::1]:80`,
 * `10.0.0.0/8`, `fd00::/8`. Null when it is none of these.
 */
export function parseDestination(text: string): Destination | null {
  const network = CIDR.exec(text)
  if (network !== null) {
    const address = canonicalAddress(network[1]!)
    const bits = Number(network[2])
    if (address === null || bits > (address.includes(':') ? 128 : 32)) return null
    return { kind: 'network', address, bits }
  }
  const bare = canonicalAddress(text)
  if (bare !== null) return { kind: 'host', host: bare, port: null }
  const ported = PORT.exec(text)
  const port = ported === null ? null : Number(ported[2])
  if (port !== null && (port < 1 || port > 65_535)) return null
  const host = ported === null ? text : ported[1]!
  const address = canonicalAddress(host)
  if (address !== null) return { kind: 'host', host: address, port }
  if (!LABELS.test(host) || /^[\d.]+$/.test(host)) return null
  return { kind: 'host', host: host.toLowerCase().replace(/\.$/, ''), port }
}

/** An IP address in the one spelling that URLs have; null for a name. IPv6 with or without brackets. */
function canonicalAddress(text: string): string | null {
  // A leading zero means octal to some and nothing to others.
  if (/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text))
    return text.split('.').every((octet) => Number(octet) <= 255) ? text : null
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (!inner.includes(':') || !URL.canParse(`http://[${inner}]`)) return null
  return new URL(`http://[${inner}]`).hostname.slice(1, -1)
}
