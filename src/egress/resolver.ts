import { lookup } from 'node:dns/promises'

/** All addresses of a name, the best first. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** As the machine itself looks names up: its hosts file and its name servers. */
export async function resolveLikeTheMachine(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** How long an answer is kept: a busy function asks for one name again and again. Milliseconds. */
const KEPT_FOR = 5000
/** Names kept at the most. */
const MOST = 5000

interface Entry {
  readonly addresses: Promise<readonly string[]>
  /** Epoch milliseconds; until the answer is here it does not grow old. */
  until: number
}

/** Keeps answers for a moment, and asks once for all who ask at the same time. What failed is asked again. */
export function remembering(resolve: Resolve, now: () => number = Date.now): Resolve {
  const entries = new Map<string, Entry>()

  return (host) => {
    const known = entries.get(host)
    if (known !== undefined && now() < known.until) return known.addresses
    const entry: Entry = { addresses: resolve(host), until: Number.POSITIVE_INFINITY }
    entries.delete(host)
    entries.set(host, entry)
    for (const [oldest] of entries) {
      if (entries.size <= MOST) break
      entries.delete(oldest)
    }
    entry.addresses.then(
      () => {
        entry.until = now() + KEPT_FOR
      },
      () => {
        if (entries.get(host) === entry) entries.delete(host)
      },
    )
    return entry.addresses
  }
}
