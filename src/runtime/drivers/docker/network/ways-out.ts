import { lookup } from 'node:dns/promises'
import { contains, type Network, PRIVATE_V4, readAddress } from '../../../../domain/addresses.ts'
import { parseDestination } from '../../../../domain/destination.ts'
import type { RoutingRule } from './netlink.ts'

/** Where containers may go, as far as the gateway decides it. */
export interface EgressRules {
  readonly mode: 'public' | 'all' | 'none'
  /** Hosts, `host:port` pairs and networks that may be reached besides. */
  readonly allow: readonly string[]
}

/** What is known of the place that the containers are in. */
export interface Surroundings {
  /** The network that the containers share. */
  readonly subnets: readonly Network[]
  /** Addresses of the machine itself. */
  readonly host: readonly Network[]
  /** Resolvers that containers ask: port 53 of them stays open. */
  readonly resolvers: readonly (readonly number[])[]
}

const TCP = 6
const UDP = 17
/** What a program without privileges can open a socket for: ICMP (echo), TCP, UDP, DCCP, SCTP, UDP-Lite. */
const PROTOCOLS = [1, TCP, UDP, 33, 132, 136]
const DNS = 53
/** Cloud metadata services live here. */
const LINK_LOCAL: Network = { address: [169, 254, 0, 0], bits: 16 }

/** Nobody but neighbours hears them. */
const MULTICAST_AND_BROADCAST: Network = { address: [224, 0, 0, 0], bits: 3 }

/** Priorities: first which protocols are looked at, then what is allowed, then what is not. */
const SELECT = 10
const OTHERS = 100
const MARK = 1000
const ALLOWED = 1001
const REFUSED = 10_000

interface Opening {
  readonly to: Network
  readonly port: number | null
}

/**
 * The rules that close a container's ways to other functions, to the machine it runs on and, where the gateway says so,
 * to private networks. Only protocols that programs can speak are looked at: the kernel's own traffic, such as
 * ARP, must go on.
 */
export async function closingRules(
  { mode, allow }: EgressRules,
  around: Surroundings,
): Promise<RoutingRule[]> {
  const select = PROTOCOLS.map((protocol, at) => ({ priority: SELECT + at, protocol, action: MARK }))
  const resolvers = around.resolvers.flatMap((address) => opened({ to: single(address), port: DNS }))
  const allowed = [...resolvers, ...(await openingRules(allow))]
  const refused = [
    ...around.subnets,
    ...around.host,
    LINK_LOCAL,
    MULTICAST_AND_BROADCAST,
    // Loopback is the container's own.
    ...(mode !== 'all' ? PRIVATE_V4.filter(({ address }) => address[0] !== 127) : []),
  ]
  return [
    { priority: MARK, action: 'next' },
    ...select,
    { priority: OTHERS, action: 'main' },
    ...allowed,
    ...refused.map((to, at) => ({ priority: REFUSED + at, to, action: 'unreachable' }) as const),
  ]
}

/** The rules that open what an allow list names, as addresses of this moment. Names that nobody knows open nothing. */
export async function openingRules(allow: readonly string[]): Promise<RoutingRule[]> {
  const openings = await Promise.all(allow.map(openingsOf))
  return openings.flat().flatMap(opened)
}

function opened({ to, port }: Opening): RoutingRule[] {
  const rule = { priority: ALLOWED, to, action: 'main' } as const
  return port === null ? [rule] : [TCP, UDP].map((protocol) => ({ ...rule, protocol, port }))
}

async function openingsOf(entry: string): Promise<Opening[]> {
  const destination = parseDestination(entry)
  if (destination === null) return []
  if (destination.kind === 'network') {
    const address = readAddress(destination.address)
    return address?.length === 4 ? [{ to: { address, bits: destination.bits }, port: null }] : []
  }
  const { host, port } = destination
  return (await addressesOf(host)).map((address) => ({ to: single(address), port }))
}

async function addressesOf(host: string): Promise<(readonly number[])[]> {
  const known = readAddress(host)
  if (known !== null) return known.length === 4 ? [known] : []
  try {
    const found = await lookup(host, { family: 4, all: true })
    return found.flatMap(({ address }) => [readAddress(address) ?? []]).filter(isUsable)
  } catch {
    return []
  }
}

function single(address: readonly number[]): Network {
  return { address, bits: 32 }
}

/** Whether an address is one that containers can be given or send to: not loopback, and of the fourth version. */
export function isUsable(address: readonly number[]): boolean {
  return address.length === 4 && !contains({ address: [127, 0, 0, 0], bits: 8 }, address)
}
