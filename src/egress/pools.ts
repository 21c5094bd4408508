import type { Dispatcher, Pool } from 'undici'
import { dial, type Endpoint } from './dial.ts'

/** The largest head of an answer, and how long a connection without a request is kept. */
const MAX_HEAD = 65_536
const KEPT_ALIVE_MS = 4000
/** Calls are bounded by their own clocks; this one ends what a call left behind. Milliseconds. */
const SILENCE_MS = 900_000

/** Loads the HTTP client on first use: a gateway whose functions fetch nothing needs none. */
let loading: Promise<typeof Pool> | null = null

interface Entry {
  readonly pool: Pool
  /** Requests that have not ended. */
  users: number
}

/**
 * Connections that are kept for the next request, apart for each endpoint and set of addresses that were checked: a
 * request takes one only to where it was permitted itself.
 */
export class Pools {
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#entries.size
  }

  /** Sends a request; `ended` of what is given back is to be called once, when the exchange is over. */
  async dispatch(
    endpoint: Endpoint,
    options: Omit<Dispatcher.DispatchOptions, 'origin'>,
    handler: (ended: () => void) => Dispatcher.DispatchHandler,
  ): Promise<void> {
    loading ??= import('undici').then((undici) => undici.Pool)
    const PoolClass = await loading
    const { secure, port, addresses } = endpoint
    const name = endpoint.name.includes(':') ? `[${endpoint.name}]` : endpoint.name
    const origin = `${secure ? 'https' : 'http'}://${name}:${port}`
    const key = `${origin} ${addresses.toSorted().join()}`
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { pool: openPool(PoolClass, origin, endpoint), users: 0 }
      this.#watch(key, entry)
    }
    this.#send(key, entry, options, handler)
  }

  #send(
    key: string,
    entry: Entry,
    options: Omit<Dispatcher.DispatchOptions, 'origin'>,
    handler: (ended: () => void) => Dispatcher.DispatchHandler,
  ): void {
    let over = false
    const ended = () => {
      if (over) return
      over = true
      entry.users--
      this.#dropUnused(key, entry)
    }
    entry.users++
    entry.pool.dispatch(options as Dispatcher.DispatchOptions, handler(ended))
  }

  #watch(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
    entry.pool.on('disconnect', () => this.#dropUnused(key, entry))
  }

  #dropUnused(key: string, entry: Entry): void {
    if (entry.users > 0 || entry.pool.stats.connected > 0 || this.#entries.get(key) !== entry) return
    this.#entries.delete(key)
    entry.pool.close().catch(() => undefined)
  }
}

function openPool(PoolClass: typeof Pool, origin: string, endpoint: Endpoint): Pool {
  return new PoolClass(origin, {
    connections: null,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: MAX_HEAD,
    keepAliveTimeout: KEPT_ALIVE_MS,
    keepAliveMaxTimeout: 60_000,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    connect: (_options, callback) => {
      dial(endpoint).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
  })
}
