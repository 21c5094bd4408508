import type { Slot } from './slot.ts'

/** A pool as the bounds on all of them see it. */
export interface Evictable {
  /** The slot that has been idle longest beyond the pool's minimum, or null. */
  longestIdle(): Slot | null
  /** What its instances take of the memory budget. MiB; 0 for a runtime that has memory of its own. */
  memoryMb(): number
  /** Ends what has been idle for too long. @param now epoch milliseconds */
  reap(now: number): void
}

/** What all functions of a gateway together may have. */
export interface CapacityLimits {
  readonly maxInstances: number
  /** MiB. */
  readonly memoryMb: number
}

/** A place for one more instance, or which bound stands against it. */
export type Claim = 'granted' | 'instances' | 'memory'

/** Evictions at a time when the instances have outgrown the budget. */
const TRIM_AT_ONCE = 64

/**
 * The bounds on live instances of all functions together, their number and their memory: the longest idle gives
 * way to the one that is called, and one that is in a call never does.
 */
export class Capacity {
  readonly limits: CapacityLimits
  /** Pools that have instances: of ten thousand functions only those that live are looked at. */
  readonly #pools = new Set<Evictable>()
  #used = 0
  #trimming = false

  constructor(limits: CapacityLimits) {
    this.limits = limits
  }

  get used(): number {
    return this.#used
  }

  /** The pool has an instance now. */
  enter(pool: Evictable): void {
    this.#pools.add(pool)
  }

  /** The pool has none any more. */
  leave(pool: Evictable): void {
    this.#pools.delete(pool)
  }

  /** Claims a place for an instance that its pool counts already, making room where an idle one can go. */
  async claim(): Promise<Claim> {
    while (this.#used >= this.limits.maxInstances) if (!(await this.#evict())) return 'instances'
    while (this.memoryMb() > this.limits.memoryMb) if (!(await this.#evict())) return 'memory'
    this.#used++
    return 'granted'
  }

  release(): void {
    this.#used--
  }

  /** MiB that the budgeted instances use. */
  memoryMb(): number {
    let sum = 0
    for (const pool of this.#pools) sum += pool.memoryMb()
    return sum
  }

  /** Ends what has been idle for too long, and more while all together use more than the budget: they grow after they were let in. */
  async reap(now: number): Promise<void> {
    for (const pool of this.#pools) pool.reap(now)
    // Those that are being ended still count: a second look beside the first would end too many.
    if (this.#trimming) return
    this.#trimming = true
    try {
      await this.#trim()
    } finally {
      this.#trimming = false
    }
  }

  async #trim(): Promise<void> {
    for (let count = 0; count < TRIM_AT_ONCE; count++) {
      if (this.memoryMb() <= this.limits.memoryMb || !(await this.#evict())) return
    }
  }

  async #evict(): Promise<boolean> {
    let oldest: Slot | null = null
    for (const pool of this.#pools) {
      const slot = pool.longestIdle()
      if (slot !== null && (oldest === null || slot.idleSince < oldest.idleSince)) oldest = slot
    }
    if (oldest === null) return false
    await oldest.close('evicted', 'an instance of another function needed its place')
    return true
  }
}
