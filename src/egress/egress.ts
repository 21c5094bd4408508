import type { ResolvedLimits } from '../domain/limits.ts'
import type { Egress } from '../runtime/runtime.ts'
import { hop } from './hop.ts'
import { createPermit, type EgressPolicy } from './policy.ts'
import { Pools } from './pools.ts'
import { type Resolve, remembering, resolveLikeTheMachine } from './resolver.ts'
import { route } from './route.ts'
import { connectSocket } from './socket.ts'

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
    const pools = new Pools()
    const permit = createPermit({ policy, allow, own, ownAllow })
    return {
      async fetch(request, depth) {
        const url = new URL(request.url)
        const endpoint = await route('fetch of', url, HTTP, permit, lookUp)
        return hop(pools, endpoint, request, url, depth).catch((error: unknown) => {
          throw failed(`fetch of ${url.host}`, error)
        })
      },
      async connect(address, protocols, depth, signal) {
        const url = new URL(address)
        const endpoint = await route('WebSocket to', url, WEB_SOCKET, permit, lookUp)
        return connectSocket(endpoint, url, protocols, depth, signal).catch((error: unknown) => {
          throw failed(`WebSocket to ${url.host}`, error)
        })
      },
    }
  }
}

function failed(what: string, error: unknown): TypeError {
  const reason = error instanceof Error ? error.message : String(error)
  return new TypeError(`${what} failed: ${reason}`)
}
