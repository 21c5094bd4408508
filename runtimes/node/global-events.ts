import { type FetchEvent, type FetchListeners, fetchListener } from '../javascript/fetch-event.ts'

type Listen = (type: string, listener: unknown, options?: unknown) => void

/** Node's global object is no target of events: for code that takes calls by `addEventListener("fetch")` it gets one. */
export class GlobalEvents implements FetchListeners {
  readonly #target = new EventTarget()
  readonly #fetch = new Set<unknown>()

  present(): boolean {
    return this.#fetch.size > 0
  }

  dispatch(event: FetchEvent): void {
    this.#target.dispatchEvent(event)
  }

  /** Offers the functions, where the code names them: packages take a global one for the sign of a browser. */
  offer(code: string): void {
    if (!/\baddEventListener\b/.test(code)) return
    const add = this.#target.addEventListener.bind(this.#target) as Listen
    const remove = this.#target.removeEventListener.bind(this.#target) as Listen
    const own = (type: string, listener: unknown) => (type === 'fetch' ? fetchListener(listener) : listener)
    const functions: Record<string, Listen> = {
      addEventListener: (type, listener, options) => {
        add(type, own(type, listener), options)
        if (type === 'fetch' && listener) this.#fetch.add(listener)
      },
      removeEventListener: (type, listener, options) => {
        remove(type, own(type, listener), options)
        if (type === 'fetch') this.#fetch.delete(listener)
      },
    }
    for (const [name, value] of Object.entries(functions))
      Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        configurable: true,
        enumerable: false,
      })
  }
}
