import { lookup } from 'node:dns/promises'
import type { ResolvedLimits } from '../domain/limits.ts'
import type { Egress } from '../runtime/runtime.ts'
import { isPublicAddress } from './addresses.ts'

/** Where a function's `fetch` may go. */
export type EgressPolicy = 'public' | 'all' | 'none'

/**
 * Carries out what functions fetch, one hop at a time: the guest follows redirects itself, so that each hop
 * comes by here.
 * @throws TypeError with a sentence for the function's author
 */
export function createEgress({ policy }: { policy: EgressPolicy; allow: readonly string[] }) {
  return (limits: ResolvedLimits): Egress => ({
    async fetch(request) {
      await permit(new URL(request.url), limits.egress === 'none' ? 'none' : policy)
      return fetch(request)
    },
    connect: () => Promise.reject(new TypeError('WebSocket is not offered here')),
  })
}

async function permit(url: URL, policy: EgressPolicy): Promise<void> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`fetch takes http and https addresses, not ${url.protocol}`)
  if (policy === 'all') return
  if (policy === 'none')
    throw new TypeError(
      `fetch of ${url.host} is refused: this gateway lets functions reach no network (FAAS_EGRESS=none)`,
    )
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await lookup(host, { all: true }).catch(() => {
    throw new TypeError(`fetch of ${url.host} failed: its name could not be resolved`)
  })
  const inner = addresses.find(({ address }) => !isPublicAddress(address))
  if (inner !== undefined) {
    throw new TypeError(
      `fetch of ${url.host} is refused: ${inner.address} is not a public address (FAAS_EGRESS=all allows it)`,
    )
  }
}
