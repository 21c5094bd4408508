import { type FetchListeners, fetchListener } from '../javascript/fetch-event.ts'

type Listen = (type: string, listener: unknown, options?: unknown) => void

/** Node's global object is no target of events: for code that takes calls by `addEventListener("fetch")` it gets one. */
export class GlobalEvents implements FetchListeners {
  readonly #target = new EventTarget()
  readonly #fetch = new Set<unknown>()

  present(): boolean {
    return this.#fetch.size > 0
  }

  dispatch(event: Event): void {
    // Listeners see the global object, not the target that stands behind it.
    for (const name of ['target', 'currentTarget'])
      Object.defineProperty(event, name, { value: globalThis, configurable: true })
    this.#target.dispatchEvent(event)
  }

  /** A promise was rejected that nobody waits for. @returns whether a listener has seen to it */
  rejected(reason: unknown, promise: Promise<unknown>): boolean {
    const event = new Event('unhandledrejection', { cancelable: true })
    this.dispatch(Object.assign(event, { reason, promise }))
    return event.defaultPrevented
  }

  /** Offers the functions, where the code names them: packages take a global one for the sign of a browser. */
  offer(code: string): void {
    if (!/\baddEventListener\b/.test(code)) return
    if (/\bself\.addEventListener\b/.test(code)) define('self', globalThis)
    const add = this.#target.addEventListener.bind(this.#target) as Listen
    const remove = this.#target.removeEventListener.bind(this.#target) as Listen
    const own = (type: string, listener: unknown) =>
      globally(type === 'fetch' ? fetchListener(listener) : listener)
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
    for (const [name, value] of Object.entries(functions)) define(name, value)
  }
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}

const bound = new WeakMap<object, unknown>()

/** The listener with the global object as its `this`; the same one for the same listener, so that it can be removed. */
function globally(listener: unknown): unknown {
  if (typeof listener !== 'function') return listener
  const known = bound.get(listener)
  if (known !== undefined) return known
  const made = listener.bind(globalThis) as unknown
  bound.set(listener, made)
  return made
}
