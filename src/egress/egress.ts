import type { ResolvedLimits } from '../domain/limits.ts'
import type { Egress } from '../runtime/runtime.ts'
import type { Endpoint } from './dial.ts'
import { createPermit, type EgressPolicy } from './policy.ts'
import { type Resolve, remembering, resolveLikeTheMachine } from './resolver.ts'
import { route } from './route.ts'

/** The operator's side of it. */
export interface EgressOptions {
  readonly policy: EgressPolicy
  /** Hosts, host:port pairs and networks that are open besides. */
  readonly allow: readonly string[]
  /** How names become addresses. @default as the machine does, each answer kept for a moment */
  readonly resolve?: Resolve
}

const HTTP = ['http:', 'https:']
const WEB_SOCKET = ['ws:', 'wss:']

/**
 * Carries out what functions send, one hop at a time: the guest follows redirects itself, so that each hop comes
 * by here. What it gives is for one instance, with connections of its own: what a server remembers of a connection,
 * such as a login, must not serve another function.
 */
export function createEgress({ policy, allow, resolve }: EgressOptions): (limits: ResolvedLimits) => Egress {
  const lookUp = resolve ?? remembering(resolveLikeTheMachine)

  return ({ egress: own, egress_allow: ownAllow }) => {
    let http: Promise<Send> | null = null
    const permit = createPermit({ policy, allow, own, ownAllow })
    return {
      async fetch(request, depth) {
        const url = new URL(request.url)
        const endpoint = await route('fetch of', url, HTTP, permit, lookUp)
        http ??= openHttp()
        const send = await http
        return send(endpoint, request, url, depth).catch((error: unknown) => {
          throw failed(`fetch of ${url.host}`, error)
        })
      },
      async connect(address, protocols, depth, signal) {
        const url = new URL(address)
        const endpoint = await route('WebSocket to', url, WEB_SOCKET, permit, lookUp)
        const { connectSocket } = await import('./socket.ts')
        return connectSocket(endpoint, url, protocols, depth, signal).catch((error: unknown) => {
          throw failed(`WebSocket to ${url.host}`, error)
        })
      },
    }
  }
}

type Send = (endpoint: Endpoint, request: Request, url: URL, depth: number) => Promise<Response>

/**
 * Connections for one instance. What they need of TLS, compression and the client is loaded on first use: most
 * functions fetch nothing, and a gateway has to start fast.
 */
async function openHttp(): Promise<Send> {
  const [{ hop }, { Pools }] = await Promise.all([import('./hop.ts'), import('./pools.ts')])
  const pools = new Pools()
  return (endpoint, request, url, depth) => hop(pools, endpoint, request, url, depth)
}

function failed(what: string, error: unknown): TypeError {
  const reason = error instanceof Error ? error.message : String(error)
  return new TypeError(`${what} failed: ${reason}`)
}
