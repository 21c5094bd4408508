import type { FetchContext } from './context.ts'

const { Event, DOMException } = globalThis
const PromiseClass = Promise

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown }

/** Where scripts listen for "fetch" instead of exporting a handler. */
export interface FetchListeners {
  /** Is there one? */
  present(): boolean
  dispatch(event: FetchEvent): void
}

let outcomeOf: (event: FetchEvent) => unknown
let openFor: (event: FetchEvent, dispatch: () => void) => void
let failWith: (event: FetchEvent, error: unknown) => boolean

/** https://w3c.github.io/ServiceWorker/#fetchevent-interface, as far as it concerns a server. */
export class FetchEvent extends Event {
  readonly #request: unknown
  readonly #context: FetchContext
  #answer: { value: unknown } | null = null
  #failure: { error: unknown } | null = null
  #open = false

  static {
    openFor = (event, dispatch) => {
      event.#open = true
      dispatch()
      event.#open = false
    }
    failWith = (event, error) => {
      if (event.#answer !== null || event.#failure !== null) return false
      event.#failure = { error }
      return true
    }
    outcomeOf = (event) => {
      if (event.#answer !== null) return event.#answer.value
      if (event.#failure !== null) throw event.#failure.error
      throw new TypeError(
        'Cannot answer the call: no listener of "fetch" called event.respondWith(response) before it returned',
      )
    }
  }

  constructor(type: string, init: { request: unknown; context: FetchContext }) {
    super(type, { cancelable: true })
    this.#request = init.request
    this.#context = init.context
  }

  get request(): unknown {
    return this.#request
  }

  respondWith(response: unknown): void {
    if (!this.#open)
      throw new DOMException(
        'Cannot answer: respondWith must be called before the listener returns',
        'InvalidStateError',
      )
    if (this.#answer !== null)
      throw new DOMException('Cannot answer: respondWith was called before', 'InvalidStateError')
    this.stopImmediatePropagation()
    // The call waits for it; a promise that it is not told of would be reported as unhandled.
    this.#answer = { value: PromiseClass.resolve(response) }
  }

  waitUntil(promise: unknown): void {
    this.#context.waitUntil(promise)
  }

  passThroughOnException(): void {
    this.#context.passThroughOnException()
  }
}

/** Calls the listeners. @returns what one of them answers; @throws what one threw instead */
export function dispatchFetch(listeners: FetchListeners, request: unknown, context: FetchContext): unknown {
  const event = new FetchEvent('fetch', { request, context })
  openFor(event, () => listeners.dispatch(event))
  return outcomeOf(event)
}

const wrapped = new WeakMap<object, (event: Event) => void>()

/**
 * A listener for "fetch": what it throws is the outcome of the call, not an error of nobody's. The same one for the
 * same callback, so that it can be removed.
 */
export function fetchListener(callback: unknown): unknown {
  if ((typeof callback !== 'object' && typeof callback !== 'function') || callback === null) return callback
  const listener = callback as Listener
  const known = wrapped.get(listener)
  if (known !== undefined) return known
  const made = function (this: unknown, event: Event): void {
    try {
      if (typeof listener === 'function') listener.call(this, event)
      else listener.handleEvent(event)
    } catch (error) {
      if (!(event instanceof FetchEvent) || !failWith(event, error)) throw error
    }
  }
  wrapped.set(listener, made)
  return made
}
