/** Ranges that are not the public internet (IANA special-purpose registries), cloud metadata among them. */
export const PRIVATE_V4: readonly Network[] = [
  network('0.0.0.0', 8),
  network('10.0.0.0', 8),
  network('100.64.0.0', 10),
  network('127.0.0.0', 8),
  // Azure answers its virtual machines from here.
  network('168.63.129.16', 32),
  network('169.254.0.0', 16),
  network('172.16.0.0', 12),
  network('192.0.0.0', 24),
  network('192.0.2.0', 24),
  network('192.88.99.0', 24),
  network('192.168.0.0', 16),
  network('198.18.0.0', 15),
  network('198.51.100.0', 24),
  network('203.0.113.0', 24),
  network('224.0.0.0', 3),
]
const GLOBAL_V6 = network('2000::', 3)
/** Parts of the global unicast range that are special, or that lead to IPv4 addresses by way of someone else. */
const PRIVATE_V6: readonly Network[] = [
  network('2001::', 23),
  network('2001:db8::', 32),
  network('2002::', 16),
  network('3fff::', 20),
]
/** IPv6 addresses that stand for the IPv4 address at their end: mapped ones, and those of a NAT64 gateway. */
const V4_IN_V6: readonly Network[] = [network('::ffff:0:0', 96), network('64:ff9b::', 96)]

/** An IP address as its bytes, 4 or 16. */
export type Address = readonly number[]

/** The addresses that agree with this one in their first bits. */
export interface Network {
  readonly address: Address
  readonly bits: number
}

/**
 * Reads an address as URLs and resolvers spell it, IPv6 without brackets. Null for a name, and for an address with
 * a zone, which means something on one machine only. IPv4 in IPv6 comes out as the IPv4 address.
 */
export function readAddress(text: string): Address | null {
  const address = text.includes(':') ? readV6(text) : readV4(text)
  const isV4 = address?.length === 16 && V4_IN_V6.some((range) => contains(range, address))
  return isV4 ? address.slice(12) : address
}

/** Whether an address lies in a network. */
export function contains({ address, bits }: Network, candidate: Address): boolean {
  if (candidate.length !== address.length) return false
  const whole = bits >> 3
  for (let at = 0; at < whole; at++) if (candidate[at] !== address[at]) return false
  const rest = bits & 7
  return rest === 0 || (candidate[whole]! ^ address[whole]!) >> (8 - rest) === 0
}

/** Whether an address belongs to the public internet. */
export function isPublic(address: Address): boolean {
  if (address.length === 4) return !PRIVATE_V4.some((range) => contains(range, address))
  return contains(GLOBAL_V6, address) && !PRIVATE_V6.some((range) => contains(range, address))
}

/** For networks that are known to be well written. */
function network(text: string, bits: number): Network {
  return { address: (text.includes(':') ? readV6(text) : readV4(text))!, bits }
}

function readV4(text: string): Address | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null
  const octets = text.split('.').map(Number)
  return octets.every((octet) => octet <= 255) ? octets : null
}

function readV6(text: string): Address | null {
  const url = `http://[${text}]`
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return null
  // In the one spelling of URLs: groups in hexadecimal, at most one gap.
  const [left = '', right] = new URL(url).hostname.slice(1, -1).split('::')
  const before = groups(left)
  const after = right === undefined ? [] : groups(right)
  const gap = new Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...gap, ...after].flatMap((group) => [group >> 8, group & 255])
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
