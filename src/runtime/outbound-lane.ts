/** Something that may have to wait until others have ended. */
export interface Waiting {
  /** Bytes that it may hold while it waits. */
  readonly weight: number
  start(): void
}

/** Lets so many run at once; the rest wait in order, and together hold no more than so many bytes. */
export class Lane {
  readonly #most: number
  readonly #mostBytes: number
  readonly #waiting = new Set<Waiting>()
  #running = 0
  #bytes = 0

  constructor(most: number, mostBytes: number) {
    this.#most = most
    this.#mostBytes = mostBytes
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Starts it now or in its turn; false: so much waits already that it cannot be taken. */
  enter(one: Waiting): boolean {
    if (this.#running < this.#most) {
      this.#running++
      one.start()
      return true
    }
    if (this.#bytes + one.weight > this.#mostBytes) return false
    this.#bytes += one.weight
    this.#waiting.add(one)
    return true
  }

  /** It has ended, or waits no longer. */
  leave(one: Waiting): void {
    if (this.#waiting.delete(one)) {
      this.#bytes -= one.weight
      return
    }
    this.#running--
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    this.#bytes -= next.weight
    this.#running++
    next.start()
  }

  /** Nothing that waits will start. */
  clear(): void {
    this.#waiting.clear()
    this.#bytes = 0
  }
}
