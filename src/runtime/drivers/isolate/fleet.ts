import { RuntimeUnavailable } from '../../failures.ts'
import { HostProcess } from './host-process.ts'
import { watchMemory } from './memory-watch.ts'
import { loadPrelude, type PreludeFiles, type PreludeOptions } from './prelude-cache.ts'

export interface FleetOptions extends PreludeOptions {
  /** Processes. */
  readonly hosts: number
  /** Blank isolates that each process keeps ready. */
  readonly blanks: number
}

/** How long the other functions of a host that must die may go on. Milliseconds. */
const DRAIN_MS = 2000
const VACATE_EVERY = 10
/** A host that ended early twice is replaced after this, doubled at each further early end. Milliseconds. */
const RESTART_MS = 100
const RESTART_MAX_MS = 10_000
const EARLY_MS = 5000
/** Hosts at the most while some are busy, as a multiple of the usual number. */
const MOST_EXTRA = 4
/** Hosts that are tried for one instance when they end before they take it. */
const PLACES = 3
const NONE: ReadonlySet<HostProcess> = new Set()

/** The host processes: started when they are first asked for, be it by a probe, replaced when they end, ended when one of their isolates cannot be. */
export class HostFleet {
  readonly #options: FleetOptions
  readonly #hosts = new Set<HostProcess>()
  readonly #condemned = new Map<HostProcess, Promise<void>>()
  #prelude: Promise<PreludeFiles> | null = null
  #restartMs = 0
  /** Epoch milliseconds before which no host is started, because they end as soon as they are. */
  #restartAt = 0
  #lastFailure: Error | null = null
  readonly #disposing = new AbortController()
  readonly #unwatch: () => void

  constructor(options: FleetOptions) {
    this.#options = options
    this.#unwatch = watchMemory(() => this.#hosts)
  }

  /** Resolves with a sentence when at least one host takes instances. */
  async ready(): Promise<string> {
    const hello = await this.place((host) => host.ready)
    const from = hello.snapshot ? 'a snapshot' : 'compiled code'
    return `${this.#hosts.size} hosts, Node ${hello.node}, isolates from ${from}`
  }

  /**
   * Puts something into the host with the fewest instances, of those that are up and not busy where there is one;
   * another one is made when all are.
   * @param put called when the host takes instances, once; what it puts there is in before anyone else looks
   * @throws RuntimeUnavailable
   */
  async place<T>(put: (host: HostProcess) => T, busy: ReadonlySet<HostProcess> = NONE): Promise<T> {
    for (let tries = 1; ; tries++) {
      const host = await this.#pick(busy)
      host.awaited++
      try {
        await host.ready
      } catch (error) {
        if (tries >= PLACES) throw error
        continue
      } finally {
        host.awaited--
      }
      if (this.#hosts.has(host) || tries >= PLACES) return put(host)
    }
  }

  async #pick(busy: ReadonlySet<HostProcess>): Promise<HostProcess> {
    if (this.#disposed)
      throw new RuntimeUnavailable('the isolate hosts are shut down', 'start the gateway again')
    if (this.#hosts.size === 0 && Date.now() >= this.#restartAt) await this.#grow()
    const best = this.#emptiest(busy) ?? (busy.size > 0 ? await this.#extra() : null) ?? this.#emptiest(NONE)
    if (best !== null) return best
    throw this.#lastFailure ?? new RuntimeUnavailable('no isolate host could be started', 'see the log')
  }

  /** Ends a host beyond the usual number once nothing is in it. */
  trim(): void {
    for (const host of this.#hosts) {
      if (this.#hosts.size <= this.#options.hosts) return
      if (host.population > 0 || host.awaited > 0) continue
      this.#hosts.delete(host)
      void host.kill()
    }
  }

  /** Ends a host that holds an isolate which cannot be stopped: its other functions get a moment to finish. */
  condemn(host: HostProcess, why: string): Promise<void> {
    const known = this.#condemned.get(host)
    if (known !== undefined) return known
    host.draining = true
    this.#hosts.delete(host)
    this.#options.log(`isolate host ${host.pid} is replaced: ${why}`)
    const done = this.#end(host)
    this.#condemned.set(host, done)
    void this.#grow()
    return done
  }

  get #disposed(): boolean {
    return this.#disposing.signal.aborted
  }

  async dispose(): Promise<void> {
    this.#disposing.abort()
    this.#unwatch()
    await Promise.all([...this.#hosts].map((host) => host.kill()))
    await Promise.all(this.#condemned.values())
  }

  #emptiest(busy: ReadonlySet<HostProcess>): HostProcess | null {
    let best: HostProcess | null = null
    for (const host of this.#hosts) {
      if (host.draining || busy.has(host)) continue
      if (best === null || precedes(host, best)) best = host
    }
    return best
  }

  async #extra(): Promise<HostProcess | null> {
    if (this.#hosts.size >= this.#options.hosts * MOST_EXTRA || this.#prelude === null) return null
    return this.#spawn(await this.#prelude)
  }

  async #end(host: HostProcess): Promise<void> {
    const until = Date.now() + DRAIN_MS
    for (;;) {
      host.vacate()
      if (host.population <= 1 || Date.now() >= until) break
      await delay(VACATE_EVERY)
    }
    await host.kill()
    this.#condemned.delete(host)
  }

  async #grow(): Promise<void> {
    this.#prelude ??= loadPrelude(this.#options, this.#disposing.signal)
    let prelude: PreludeFiles
    try {
      prelude = await this.#prelude
    } catch (error) {
      if (this.#disposed) return
      this.#prelude = null
      this.#lastFailure = error instanceof Error ? error : new Error(String(error))
      this.#options.log(`the prelude could not be built: ${this.#lastFailure.message}`)
      return
    }
    while (!this.#disposed && this.#hosts.size < this.#options.hosts) this.#spawn(prelude)
  }

  #spawn(prelude: PreludeFiles): HostProcess {
    const host = new HostProcess({ ...this.#options, prelude })
    const born = Date.now()
    this.#hosts.add(host)
    host.ready.then(
      () => {
        this.#lastFailure = null
      },
      (error: Error) => {
        this.#lastFailure = error
      },
    )
    void host.exited.then(async (why) => {
      if (!this.#hosts.delete(host) || this.#disposed) return
      this.#options.log(`isolate host ${host.pid} ended: ${why}`)
      const early = Date.now() - born < EARLY_MS
      // The first is replaced at once: functions wait for it. Only those that end again and again are held back.
      const pause = early ? this.#restartMs : 0
      this.#restartMs = early ? Math.min(Math.max(pause * 2, RESTART_MS), RESTART_MAX_MS) : 0
      this.#restartAt = Date.now() + pause
      if (pause > 0) await delay(pause)
      await this.#grow()
    })
    return host
  }
}

/** One that is up comes before one that starts, then the emptier one. */
function precedes(one: HostProcess, other: HostProcess): boolean {
  return one.greeted === other.greeted ? one.population < other.population : one.greeted
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref?.()
  })
}
