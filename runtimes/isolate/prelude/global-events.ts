import { need, toDictionary } from './convert.ts'
import { expose, exposeInterfaces } from './define.ts'
import { Event, stateOfEvent } from './event.ts'
import { EventTarget, fireAt, hasListener, setReporter } from './event-target.ts'

/** https://html.spec.whatwg.org/#errorevent */
export class ErrorEvent extends Event {
  readonly #init: Record<string, unknown>

  constructor(type: unknown, init: unknown = undefined) {
    need(arguments.length, 1, 'ErrorEvent')
    super(type, init)
    this.#init = { ...toDictionary(init, 'ErrorEvent') }
  }

  get message(): string {
    return this.#init.message === undefined ? '' : String(this.#init.message)
  }
  get filename(): string {
    return this.#init.filename === undefined ? '' : String(this.#init.filename)
  }
  get lineno(): number {
    return Number(this.#init.lineno ?? 0) >>> 0
  }
  get colno(): number {
    return Number(this.#init.colno ?? 0) >>> 0
  }
  get error(): unknown {
    return this.#init.error
  }
}

/** https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  readonly #promise: unknown
  readonly #reason: unknown

  constructor(type: unknown, init: unknown) {
    need(arguments.length, 2, 'PromiseRejectionEvent')
    super(type, init)
    const { promise, reason } = toDictionary(init, 'PromiseRejectionEvent')
    if (promise === undefined) throw new TypeError('PromiseRejectionEvent: promise is required')
    this.#promise = promise
    this.#reason = reason
  }

  get promise(): unknown {
    return this.#promise
  }
  get reason(): unknown {
    return this.#reason
  }
}

// The global object is an event target; what it would inherit stands on it.
const hub = new EventTarget()
const methods = {
  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    need(arguments.length, 2, 'addEventListener')
    hub.addEventListener(type, callback, options)
  },
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    need(arguments.length, 2, 'removeEventListener')
    hub.removeEventListener(type, callback, options)
  },
  dispatchEvent(event: Event): boolean {
    need(arguments.length, 1, 'dispatchEvent')
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent: the argument must be an Event')
    stateOfEvent(event).trusted = false
    return fireGlobal(event)
  },
  reportError(error: unknown): void {
    need(arguments.length, 1, 'reportError')
    reportGlobally(error)
  },
}

const handlers: Record<string, unknown> = {
  onerror: null,
  onunhandledrejection: null,
  onrejectionhandled: null,
}

function fireGlobal(event: Event): boolean {
  const handler = handlers[`on${event.type}`]
  if (typeof handler === 'function') {
    const result: unknown =
      event instanceof ErrorEvent
        ? handler.call(globalThis, event.message, event.filename, event.lineno, event.colno, event.error)
        : handler.call(globalThis, event)
    // `onerror` alone says "handled" with true, every other handler with false.
    if (result === event instanceof ErrorEvent) event.preventDefault()
  }
  return fireAt(hub, event, globalThis)
}

let uncaught: (error: unknown) => void = () => {}

/** Where errors go that nobody listens for. */
export function onUncaught(listener: (error: unknown) => void): void {
  uncaught = listener
}

let reporting = false

function reportGlobally(error: unknown): void {
  // A listener of "error" that throws must not report for ever.
  if (reporting || (handlers.onerror === null && !hasListener(hub, 'error'))) {
    uncaught(error)
    return
  }
  reporting = true
  try {
    const message =
      error instanceof Error ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${String(error)}`
    const event = new ErrorEvent('error', { cancelable: true, message, error })
    stateOfEvent(event).trusted = true
    if (fireGlobal(event)) uncaught(error)
  } catch {
    uncaught(error)
  } finally {
    reporting = false
  }
}

setReporter(reportGlobally)
for (const name of Object.keys(handlers)) {
  Object.defineProperty(globalThis, name, {
    get: () => handlers[name],
    set: (value: unknown) => {
      handlers[name] = typeof value === 'function' ? value : null
    },
    enumerable: true,
    configurable: true,
  })
}
for (const [name, value] of Object.entries(methods)) expose(name, value, true)
exposeInterfaces({ ErrorEvent, PromiseRejectionEvent })
