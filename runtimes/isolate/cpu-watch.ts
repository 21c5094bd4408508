const EVERY = 10

/** A CPU limit is per call: what the isolate burnt since it last had none, shared by the calls since then. */
export class CpuWatch {
  readonly #limit: number | null
  readonly #read: () => number
  readonly #exceeded: (limit: number, used: number) => void
  #timer: NodeJS.Timeout | undefined
  #atIdle = 0

  /**
   * @param limit milliseconds a call, or null: there is none
   * @param read CPU time of the isolate so far, milliseconds
   */
  constructor(limit: number | null, read: () => number, exceeded: (limit: number, used: number) => void) {
    this.#limit = limit
    this.#read = read
    this.#exceeded = exceeded
  }

  /** The isolate begins to work. @param calls how many it has now, asked for again and again */
  begin(calls: () => number): void {
    const limit = this.#limit
    if (limit === null || this.#timer !== undefined) return
    if (calls() <= 1) this.#atIdle = this.#read()
    this.#timer = setInterval(() => {
      const used = this.#read() - this.#atIdle
      if (used <= limit * Math.max(1, calls())) return
      this.end()
      this.#exceeded(limit, Math.round(used))
    }, EVERY)
  }

  /** It has stopped working. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
