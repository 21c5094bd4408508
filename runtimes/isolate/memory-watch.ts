const MIB = 1_048_576
/** How often the process is looked at while isolates work. Milliseconds. */
const EVERY = 25
/** What an isolate may take beyond its limit before it is seen: garbage not collected yet, code, malloc's own. */
const ALLOWANCE = 1.5
const SLACK_MB = 64

/** An isolate that works: what the watch needs of it. */
export interface Watched {
  readonly memoryMb: number
  /** It took more memory than it may. @param usedMb as far as that can be told from outside */
  overdrew(usedMb: number): void
}

/**
 * The last resort against memory that no limit inside an isolate counts, such as what WebAssembly grows by while it
 * runs: the process is looked at while isolates work, and what it grows by beyond all that these may take is one of
 * theirs. Of those that worked all through it, the one that began last is taken for the cause.
 */
export class MemoryWatch {
  /** By the time that they began; the size of the process when that was first seen. MiB. */
  readonly #working = new Map<Watched, number | null>()
  readonly #rss: () => number
  #timer: NodeJS.Timeout | undefined

  /** @param rss bytes that the process has in memory */
  constructor(rss: () => number = () => process.memoryUsage.rss()) {
    this.#rss = rss
  }

  entered(isolate: Watched): void {
    this.#working.set(isolate, null)
    if (this.#timer === undefined) this.#timer = setInterval(() => this.look(), EVERY).unref()
  }

  left(isolate: Watched): void {
    this.#working.delete(isolate)
  }

  /** Looks now; ends at most one. */
  look(): void {
    if (this.#working.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const size = this.#rss() / MIB
    let most = SLACK_MB
    for (const { memoryMb } of this.#working.keys()) most += memoryMb * ALLOWANCE
    let guilty: Watched | null = null
    let grown = 0
    for (const [isolate, before] of this.#working) {
      if (before === null) this.#working.set(isolate, size)
      else if (size - before > most) {
        guilty = isolate
        grown = size - before
      }
    }
    if (guilty === null) return
    for (const isolate of this.#working.keys()) this.#working.set(isolate, null)
    this.#working.delete(guilty)
    guilty.overdrew(Math.round(grown))
  }
}
