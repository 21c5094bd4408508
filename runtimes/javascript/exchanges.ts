/** An exchange that the guest opened: a fetch or a socket. */
export interface OpenExchange {
  receive(type: number, head: string, data: Uint8Array | null): void
}

const MAX_ID = 0xffff_ffff

/** The exchanges that a guest has open, by their ids, which are odd. */
export class OpenExchanges {
  readonly #open = new Map<number, OpenExchange>()
  #next = 1

  /** @param make is given the id and what frees it */
  add<Exchange extends OpenExchange>(make: (id: number, finished: () => void) => Exchange): Exchange {
    const id = this.#freeId()
    const made = make(id, () => this.#open.delete(id))
    this.#open.set(id, made)
    return made
  }

  receive(id: number, type: number, head: string, data: Uint8Array | null): void {
    // The gateway may cross with the end of an exchange: what comes then means nothing.
    this.#open.get(id)?.receive(type, head, data)
  }

  #freeId(): number {
    let id = this.#next
    while (this.#open.has(id)) id = after(id)
    this.#next = after(id)
    return id
  }
}

function after(id: number): number {
  return id + 2 > MAX_ID ? 1 : id + 2
}
