import type { Slot } from './slot.ts'

/** A pool that can give up an instance nobody uses. */
export interface Evictable {
  /** The slot that has been idle longest beyond the pool's minimum, or null. */
  longestIdle(): Slot | null
}

/** The bound on live instances of all functions together: the longest idle gives way to the one that is called. */
export class Capacity {
  readonly max: number
  readonly #pools: () => Iterable<Evictable>
  #used = 0

  constructor(max: number, pools: () => Iterable<Evictable>) {
    this.max = max
    this.#pools = pools
  }

  get used(): number {
    return this.#used
  }

  /** Claims a place, or answers false when every instance is at work. */
  async claim(): Promise<boolean> {
    if (this.#used >= this.max && !(await this.#evict())) return false
    this.#used++
    return true
  }

  release(): void {
    this.#used--
  }

  async #evict(): Promise<boolean> {
    let oldest: Slot | null = null
    for (const pool of this.#pools()) {
      const slot = pool.longestIdle()
      if (slot !== null && (oldest === null || slot.idleSince < oldest.idleSince)) oldest = slot
    }
    if (oldest === null) return false
    await oldest.close('evicted', 'an instance of another function needed its place')
    return this.#used < this.max
  }
}
