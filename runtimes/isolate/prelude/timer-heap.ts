export interface Timer {
  readonly id: number
  /** Breaks ties: timers of one moment run in the order they were set. */
  order: number
  /** Epoch milliseconds. */
  at: number
  readonly every: number | null
  readonly action: (...args: unknown[]) => unknown
  readonly args: unknown[]
  level: number
}

/** A binary heap of timers, the earliest first. */
export class TimerHeap {
  #items: Timer[] = []

  get size(): number {
    return this.#items.length
  }

  /** Forgets all timers but those that `keep` names. */
  prune(keep: (timer: Timer) => boolean): void {
    const kept = this.#items.filter(keep)
    this.#items = []
    for (const timer of kept) this.push(timer)
  }

  peek(): Timer | null {
    return this.#items[0] ?? null
  }

  push(timer: Timer): void {
    const items = this.#items
    let at = items.length
    items[at] = timer
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(timer, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = timer
  }

  pop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= items.length) break
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++
      if (!before(items[child]!, last)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = last
  }
}

function before(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
