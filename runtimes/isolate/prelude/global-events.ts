import { type FetchEvent, fetchListener } from '../../javascript/fetch-event.ts'
import { need, toDictionary, toDOMString } from './convert.ts'
import { expose, exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { rememberErrors } from './error-identity.ts'
import { Event, stateOfEvent } from './event.ts'
import { EventTarget, fireAt, hasListener, setReporter } from './event-target.ts'
import { placeOf } from './stack.ts'

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
    listen(toDOMString(type), callback, options)
  },
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    need(arguments.length, 2, 'removeEventListener')
    const name = toDOMString(type)
    hub.removeEventListener(name, name === 'fetch' ? fetchListener(callback) : callback, options)
  },
  dispatchEvent(event: Event): boolean {
    need(arguments.length, 1, 'dispatchEvent')
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent: the argument must be an Event')
    if (stateOfEvent(event).dispatching)
      throw new DOMException('The event is being dispatched already', 'InvalidStateError')
    stateOfEvent(event).trusted = false
    return fireAt(hub, event, globalThis)
  },
  reportError(error: unknown): void {
    need(arguments.length, 1, 'reportError')
    reportGlobally(error)
  },
}

function listen(type: string, callback: unknown, options: unknown): void {
  if (type === 'unhandledrejection') rememberErrors()
  hub.addEventListener(type, type === 'fetch' ? fetchListener(callback) : callback, options)
}

/** Dispatches an event of the platform's own at the global object. @returns false when it was canceled */
export function fireGlobal(event: Event): boolean {
  stateOfEvent(event).trusted = true
  return fireAt(hub, event, globalThis)
}

/** Does anyone listen at the global object? */
export function isHeard(type: string): boolean {
  return hasListener(hub, type)
}

/** Where calls of scripts go that listen for "fetch". */
export const fetchListeners = {
  present: () => isHeard('fetch'),
  dispatch: (event: FetchEvent) => {
    fireGlobal(event as unknown as Event)
  },
}

let uncaught: (error: unknown) => void = () => {}

/** Where errors go that nobody listens for. */
export function onUncaught(listener: (error: unknown) => void): void {
  uncaught = listener
}

let reporting = false

function reportGlobally(error: unknown): void {
  // A listener of "error" that throws must not report for ever.
  if (reporting || !isHeard('error')) {
    uncaught(error)
    return
  }
  reporting = true
  try {
    const message =
      error instanceof Error ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${String(error)}`
    const event = new ErrorEvent('error', { cancelable: true, message, error, ...placeOf(error) })
    if (fireGlobal(event)) uncaught(error)
  } catch {
    uncaught(error)
  } finally {
    reporting = false
  }
}

/** An `onname` attribute: it is a listener while it is set. */
function defineHandler(type: string): void {
  let value: unknown = null
  const run = (event: Event): void => {
    if (typeof value !== 'function') return
    // `onerror` alone is given the parts of its event, and says "handled" with true; every other handler with false.
    if (type === 'error' && event instanceof ErrorEvent) {
      const { message, filename, lineno, colno, error } = event
      if (value.call(globalThis, message, filename, lineno, colno, error) === true) event.preventDefault()
    } else if (value.call(globalThis, event) === false) event.preventDefault()
  }
  Object.defineProperty(globalThis, `on${type}`, {
    get: () => value,
    set: (next: unknown) => {
      const wasSet = value !== null
      value = typeof next === 'function' || (typeof next === 'object' && next !== null) ? next : null
      if (value === null) hub.removeEventListener(type, run)
      else if (!wasSet) listen(type, run, undefined)
    },
    enumerable: true,
    configurable: true,
  })
}

setReporter(reportGlobally)
for (const type of ['error', 'unhandledrejection', 'rejectionhandled']) defineHandler(type)
for (const [name, value] of Object.entries(methods)) expose(name, value, true)
exposeInterfaces({ ErrorEvent, PromiseRejectionEvent })
