import { invalidArgument } from '../errors.ts'
import { inspect } from '../inspect/inspect.ts'

export type Name = string | symbol
// biome-ignore lint/suspicious/noExplicitAny: listeners take whatever is emitted
export type Listener = (...args: any[]) => unknown
type Once = Listener & { listener?: Listener }

export const errorMonitor: unique symbol = Symbol('events.errorMonitor') as never
export const captureRejectionSymbol = Symbol.for('nodejs.rejection')

interface State {
  readonly listeners: Map<Name, readonly Once[]>
  max: number | undefined
  captures: boolean
}

// Not in private fields: old code makes emitters by calling the constructor as a function.
const states = new WeakMap<object, State>()

function stateOf(emitter: object): State {
  let state = states.get(emitter)
  if (state === undefined) {
    state = { listeners: new Map(), max: undefined, captures: EventEmitter.captureRejections }
    states.set(emitter, state)
  }
  return state
}

function needListener(listener: unknown): void {
  if (typeof listener !== 'function') throw invalidArgument('listener', 'of type function', listener)
}

/** @see https://nodejs.org/api/events.html#class-eventemitter */
export interface EventEmitter {
  on(name: Name, listener: Listener): this
  addListener(name: Name, listener: Listener): this
  once(name: Name, listener: Listener): this
  prependListener(name: Name, listener: Listener): this
  prependOnceListener(name: Name, listener: Listener): this
  off(name: Name, listener: Listener): this
  removeListener(name: Name, listener: Listener): this
  removeAllListeners(name?: Name): this
  emit(name: Name, ...args: unknown[]): boolean
  listeners(name: Name): Listener[]
  rawListeners(name: Name): Listener[]
  listenerCount(name: Name, listener?: Listener): number
  eventNames(): Name[]
  setMaxListeners(count: number): this
  getMaxListeners(): number
}

interface Constructor {
  new (options?: { captureRejections?: boolean }): EventEmitter
  (this: unknown, options?: { captureRejections?: boolean }): void
  prototype: EventEmitter
  captureRejections: boolean
  defaultMaxListeners: number
}

export const EventEmitter = function EventEmitter(
  this: EventEmitter,
  options?: { captureRejections?: boolean },
): void {
  if (options?.captureRejections) stateOf(this).captures = true
} as unknown as Constructor
EventEmitter.captureRejections = false
EventEmitter.defaultMaxListeners = 10

function add(emitter: EventEmitter, name: Name, listener: Once, first: boolean): EventEmitter {
  needListener(listener.listener ?? listener)
  const { listeners } = stateOf(emitter)
  if (listeners.has('newListener')) emitter.emit('newListener', name, listener.listener ?? listener)
  const before = listeners.get(name) ?? []
  listeners.set(name, first ? [listener, ...before] : [...before, listener])
  const max = emitter.getMaxListeners()
  if (max > 0 && before.length === max) {
    console.warn(
      `MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ${max + 1} ${String(name)} ` +
        `listeners added to ${inspect(emitter, { depth: -1 })}. Use emitter.setMaxListeners() to increase limit`,
    )
  }
  return emitter
}

function onceOf(emitter: EventEmitter, name: Name, listener: Listener): Once {
  needListener(listener)
  const wrapped: Once = function (this: unknown, ...args) {
    emitter.removeListener(name, wrapped)
    return listener.apply(this, args)
  }
  wrapped.listener = listener
  return wrapped
}

function unhandled(error: unknown): Error {
  if (error instanceof Error) return error
  const made = new Error(`Unhandled error. (${typeof error === 'string' ? `'${error}'` : inspect(error)})`)
  return Object.assign(made, { code: 'ERR_UNHANDLED_ERROR', context: error })
}

/** A listener's promise that fails becomes an `error` event, for emitters that ask for it. */
function capture(emitter: EventEmitter, name: Name, result: unknown, args: unknown[]): void {
  if (!stateOf(emitter).captures || typeof (result as PromiseLike<unknown> | null)?.then !== 'function')
    return
  ;(result as PromiseLike<unknown>).then(undefined, (error) =>
    queueMicrotask(() => {
      const own = (emitter as unknown as Record<symbol, Listener | undefined>)[captureRejectionSymbol]
      if (typeof own === 'function') own.call(emitter, error, name, ...args)
      else emitter.emit('error', error)
    }),
  )
}

const methods: ThisType<EventEmitter> & Record<string, Listener> = {
  on(name: Name, listener: Listener) {
    return add(this, name, listener, false)
  },
  once(name: Name, listener: Listener) {
    return this.on(name, onceOf(this, name, listener))
  },
  prependListener(name: Name, listener: Listener) {
    return add(this, name, listener, true)
  },
  prependOnceListener(name: Name, listener: Listener) {
    return this.prependListener(name, onceOf(this, name, listener))
  },
  removeListener(name: Name, listener: Listener) {
    needListener(listener)
    const { listeners } = stateOf(this)
    const before = listeners.get(name) ?? []
    const at = before.findLastIndex((one) => one === listener || one.listener === listener)
    if (at === -1) return this
    if (before.length === 1) listeners.delete(name)
    else listeners.set(name, before.toSpliced(at, 1))
    if (listeners.has('removeListener')) this.emit('removeListener', name, before[at]!.listener ?? before[at])
    return this
  },
  removeAllListeners(name?: Name) {
    const { listeners } = stateOf(this)
    const names =
      name === undefined ? [...listeners.keys()].filter((one) => one !== 'removeListener') : [name]
    for (const one of names) {
      if (!listeners.has('removeListener')) listeners.delete(one)
      else for (const listener of (listeners.get(one) ?? []).toReversed()) this.removeListener(one, listener)
    }
    if (name === undefined) listeners.delete('removeListener')
    return this
  },
  emit(name: Name, ...args: unknown[]) {
    const { listeners } = stateOf(this)
    if (name === 'error') {
      if (listeners.has(errorMonitor)) this.emit(errorMonitor, ...args)
      if (!listeners.has('error')) throw unhandled(args[0])
    }
    // Lists are replaced and never changed: who leaves meanwhile is still called, as in Node.
    const now = listeners.get(name)
    if (now === undefined) return false
    for (const listener of now) capture(this, name, listener.apply(this, args), args)
    return true
  },
  listeners(name: Name) {
    return (stateOf(this).listeners.get(name) ?? []).map((one) => one.listener ?? one)
  },
  rawListeners(name: Name) {
    return [...(stateOf(this).listeners.get(name) ?? [])]
  },
  listenerCount(name: Name, listener?: Listener) {
    const all = stateOf(this).listeners.get(name) ?? []
    if (listener === undefined) return all.length
    return all.filter((one) => one === listener || one.listener === listener).length
  },
  eventNames() {
    return [...stateOf(this).listeners.keys()]
  },
  setMaxListeners(count: number) {
    stateOf(this).max = count
    return this
  },
  getMaxListeners() {
    return stateOf(this).max ?? EventEmitter.defaultMaxListeners
  },
}
methods.addListener = methods.on!
methods.off = methods.removeListener!
Object.assign(EventEmitter.prototype, methods)
