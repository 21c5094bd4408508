import { need, toDOMString } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { Event, stateOfEvent } from './event.ts'

type Callback = ((this: unknown, event: Event) => unknown) | { handleEvent(event: Event): unknown }

interface Listener {
  readonly type: string
  readonly callback: Callback
  readonly capture: boolean
  readonly once: boolean
  readonly passive: boolean
  removed: boolean
}

const apply = Reflect.apply
const AT_TARGET = 2

let report: (error: unknown) => void = () => {}

/** Where an exception that a listener threw goes. Set once, by the part that has the global error event. */
export function setReporter(reporter: (error: unknown) => void): void {
  report = reporter
}

/** An exception that no caller can catch. */
export function reportException(error: unknown): void {
  report(error)
}

let listenersChanged: (target: EventTarget, type: string) => void = () => {}

/** Told whenever listeners of a type come or go. Set once, by signals, which live as long as someone listens. */
export function onListenersChanged(listener: typeof listenersChanged): void {
  listenersChanged = listener
}

let fireAt: (target: EventTarget, event: Event, as: unknown) => boolean
let hasListener: (target: EventTarget, type: string) => boolean

/** https://dom.spec.whatwg.org/#eventtarget, without a tree. */
export class EventTarget {
  #listeners: Listener[] = []

  static {
    fireAt = (target, event, as) => target.#fire(event, as)
    hasListener = (target, type) => target.#listeners.some((listener) => listener.type === type)
  }

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    need(arguments.length, 2, 'addEventListener')
    const name = toDOMString(type)
    const { capture, once, passive, signal } = flatten(options)
    const listener = toCallback(callback, 'addEventListener')
    if (signal !== undefined) {
      if (!isSignal(signal)) throw new TypeError('addEventListener: signal must be an AbortSignal')
      if (signal.aborted) return
    }
    if (listener === null || this.#find(name, listener, capture) !== undefined) return
    const entry: Listener = { type: name, callback: listener, capture, once, passive, removed: false }
    this.#listeners.push(entry)
    listenersChanged(this, name)
    signal?.addEventListener('abort', () => this.#remove(entry), { once: true })
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    need(arguments.length, 2, 'removeEventListener')
    const listener = toCallback(callback, 'removeEventListener')
    if (listener === null) return
    const entry = this.#find(toDOMString(type), listener, flatten(options).capture)
    if (entry !== undefined) this.#remove(entry)
  }

  dispatchEvent(event: Event): boolean {
    need(arguments.length, 1, 'dispatchEvent')
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent: the argument must be an Event')
    if (stateOfEvent(event).dispatching)
      throw new DOMException('The event is being dispatched already', 'InvalidStateError')
    stateOfEvent(event).trusted = false
    return this.#fire(event, this)
  }

  #find(type: string, callback: Callback, capture: boolean): Listener | undefined {
    return this.#listeners.find(
      (entry) => entry.type === type && entry.callback === callback && entry.capture === capture,
    )
  }

  #remove(entry: Listener): void {
    entry.removed = true
    this.#listeners = this.#listeners.filter((other) => other !== entry)
    listenersChanged(this, entry.type)
  }

  #fire(event: Event, as: unknown): boolean {
    const state = stateOfEvent(event)
    state.dispatching = true
    state.target = as
    state.currentTarget = as
    state.phase = AT_TARGET
    const { type } = event
    // Capturing listeners come first at the target, too.
    const listeners = this.#listeners
    for (const capture of [true, false]) {
      for (const entry of listeners) {
        if (entry.type !== type || entry.capture !== capture || entry.removed) continue
        if (entry.once) this.#remove(entry)
        state.passive = entry.passive
        call(entry.callback, as, event)
        state.passive = false
        if (state.stoppedImmediately) break
      }
      if (state.stopped) break
    }
    state.phase = 0
    state.currentTarget = null
    state.dispatching = false
    state.stopped = false
    state.stoppedImmediately = false
    return !state.canceled
  }
}

export { fireAt, hasListener }

/** Dispatches an event of the platform's own. @returns false when it was canceled */
export function fire(target: EventTarget, event: Event): boolean {
  stateOfEvent(event).trusted = true
  return fireAt(target, event, target)
}

/** Adds an `onname` attribute to an interface: a listener that keeps its place while its value changes. */
export function handlerAttribute(prototype: EventTarget, name: string): void {
  const handlers = new WeakMap<object, { value: unknown }>()
  Object.defineProperty(prototype, `on${name}`, {
    enumerable: true,
    configurable: true,
    get(this: EventTarget) {
      return handlers.get(this)?.value ?? null
    },
    set(this: EventTarget, value: unknown) {
      const callable = typeof value === 'function' || (typeof value === 'object' && value !== null)
      const known = handlers.get(this)
      if (known !== undefined) {
        known.value = callable ? value : null
        return
      }
      if (!callable) return
      const handler: { value: unknown } = { value }
      handlers.set(this, handler)
      EventTarget.prototype.addEventListener.call(this, name, function (this: unknown, event: Event) {
        if (typeof handler.value !== 'function') return
        if (apply(handler.value as (event: Event) => unknown, this, [event]) === false) event.preventDefault()
      })
    },
  })
}

function call(callback: Callback, as: unknown, event: Event): void {
  try {
    if (typeof callback === 'function') apply(callback, as, [event])
    else {
      const { handleEvent } = callback
      if (typeof handleEvent !== 'function') throw new TypeError('The listener has no handleEvent method')
      apply(handleEvent, callback, [event])
    }
  } catch (error) {
    reportException(error)
  }
}

function toCallback(value: unknown, what: string): Callback | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'function' && typeof value !== 'object')
    throw new TypeError(`${what}: the listener must be a function or an object`)
  return value as Callback
}

interface Flat {
  capture: boolean
  once: boolean
  passive: boolean
  signal: unknown
}

function flatten(options: unknown): Flat {
  if ((typeof options !== 'object' && typeof options !== 'function') || options === null)
    return { capture: Boolean(options), once: false, passive: false, signal: undefined }
  const { capture, once, passive, signal } = options as Record<string, unknown>
  return { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), signal }
}

function isSignal(value: unknown): value is EventTarget & { aborted: boolean } {
  return value instanceof EventTarget && 'aborted' in value
}

exposeInterfaces({ EventTarget })
