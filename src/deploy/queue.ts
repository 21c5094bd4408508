interface Job {
  readonly key: number
  readonly run: () => Promise<void>
  readonly done: () => void
}

/** Runs jobs a few at a time, first come first served, those of one key one after the other. */
export class BuildQueue {
  readonly #limit: number
  #waiting: Job[] = []
  readonly #running = new Set<number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Resolves when the job has ended, well or badly.
   * @param signal a job whose signal aborts while it waits is run at once, out of turn: to end itself
   */
  add(key: number, run: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const job: Job = { key, run, done: resolve }
    this.#waiting.push(job)
    const jump = () => {
      const at = this.#waiting.indexOf(job)
      if (at === -1) return
      this.#waiting.splice(at, 1)
      void run()
        .catch(() => {})
        .then(resolve)
    }
    signal.addEventListener('abort', jump, { once: true })
    this.#startNext()
    return promise.finally(() => signal.removeEventListener('abort', jump))
  }

  #startNext(): void {
    while (this.#running.size < this.#limit) {
      const next = this.#waiting.findIndex((job) => !this.#running.has(job.key))
      if (next === -1) return
      const [job] = this.#waiting.splice(next, 1)
      void this.#start(job!)
    }
  }

  async #start(job: Job): Promise<void> {
    this.#running.add(job.key)
    await job.run().catch(() => {})
    this.#running.delete(job.key)
    job.done()
    this.#startNext()
  }
}

/** Lets one piece of work per key in at a time, in the order of asking. */
export class KeyedLock {
  readonly #tails = new Map<number, Promise<unknown>>()

  run<T>(key: number, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const result = before.then(work)
    const tail = result
      .catch(() => {})
      .then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key)
      })
    this.#tails.set(key, tail)
    return result
  }
}
