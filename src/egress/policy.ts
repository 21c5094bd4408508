import { type Address, contains, isPublic, type Network, readAddress } from '../domain/addresses.ts'
import { parseDestination } from '../domain/destination.ts'
import { isBadPort } from './ports.ts'

/** Where functions may go unless a list says more. */
export type EgressPolicy = 'public' | 'all' | 'none'

/** What one function may reach. */
export interface Permit {
  /**
   * Whether a name may be looked up at all; null: it may. Else why not. A look-up tells its name to others, so
   * that it is a way out by itself.
   */
  refusal(host: string, port: number): string | null
  /** Those of a host's addresses that the function may reach; none: the host is refused. */
  reachable(host: string, port: number, addresses: readonly string[]): readonly string[]
}

/** The operator's rules, and what one callback adds to them. */
export interface Rules {
  readonly policy: EgressPolicy
  readonly allow: readonly string[]
  /** `limits.egress` of the callback. */
  readonly own: 'policy' | 'none'
  /** `limits.egress_allow` of the callback. */
  readonly ownAllow: readonly string[]
}

/** With `policy` none the operator's list is the only way out: a callback cannot open what the operator closed. */
export function createPermit({ policy, allow, own, ownAllow }: Rules): Permit {
  const list = readList(policy === 'none' ? allow : [...allow, ...ownAllow])

  return {
    refusal(host, port) {
      if (own === 'none') return "this function's own limits let it reach no network (limits.egress)"
      const named = list.names(host, port)
      if (isBadPort(port) && named !== 'port')
        return `port ${port} belongs to another protocol than HTTP (an entry "${host}:${port}" in FAAS_EGRESS_ALLOW or limits.egress_allow allows it)`
      const address = readAddress(bare(host))
      if (policy === 'none' && named === null && (address === null || !list.holds(address, port)))
        return 'this gateway lets functions reach no network but what FAAS_EGRESS_ALLOW names (FAAS_EGRESS=none)'
      return null
    },
    reachable(host, port, addresses) {
      if (own === 'none') return []
      if (policy === 'all' || list.names(host, port) !== null) return addresses
      return addresses.filter((text) => {
        const address = readAddress(text)
        if (address === null) return false
        return list.holds(address, port) || (policy === 'public' && isPublic(address))
      })
    },
  }
}

/** A host as URLs spell it, without the brackets of IPv6 and without the dot of an absolute name. */
export function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/\.$/, '')
}

interface Range extends Network {
  readonly port: number | null
}

interface AllowList {
  /** How a host is named: with this very port, with all ports, or not at all. */
  names(host: string, port: number): 'port' | 'host' | null
  holds(address: Address, port: number): boolean
}

function readList(entries: readonly string[]): AllowList {
  const names = new Map<string, Set<number | null>>()
  const ranges: Range[] = []
  for (const entry of entries) {
    const destination = parseDestination(entry)
    if (destination === null) continue
    const { kind } = destination
    const address = readAddress(kind === 'host' ? destination.host : destination.address)
    if (kind === 'network') {
      // IPv4 in IPv6 was read as IPv4.
      const offset = destination.address.includes(':') && address?.length === 4 ? 96 : 0
      if (address !== null && destination.bits >= offset)
        ranges.push({ address, bits: destination.bits - offset, port: null })
    } else if (address === null) {
      const ports = names.get(destination.host) ?? new Set()
      names.set(destination.host, ports.add(destination.port))
    } else ranges.push({ address, bits: address.length * 8, port: destination.port })
  }
  return {
    names(host, port) {
      const name = bare(host)
      const address = readAddress(name)
      if (address !== null)
        return ranges.some((range) => range.port === port && contains(range, address)) ? 'port' : null
      const found = spellings(name).flatMap((spelling) => [...(names.get(spelling) ?? [])])
      return found.includes(port) ? 'port' : found.includes(null) ? 'host' : null
    },
    holds: (address, port) =>
      ranges.some((range) => (range.port === null || range.port === port) && contains(range, address)),
  }
}

/** The entries that would name a host: itself, and `*.` with each of its parents. */
function spellings(name: string): string[] {
  const labels = name.split('.')
  return [name, ...labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)]
}
