import type { EventEmitter, Listener, Name } from './emitter.ts'

type Source = EventEmitter | EventTarget

interface Options {
  signal?: AbortSignal | undefined
  close?: readonly string[]
}

/** What Node rejects with where a signal ends a wait. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason })
  error.name = 'AbortError'
  return Object.assign(error, { code: 'ABORT_ERR' })
}

/** Listens on either kind of source. @returns stops it */
function listen(source: Source, name: Name, listener: Listener, once = false): () => void {
  if (source instanceof EventTarget) {
    source.addEventListener(String(name), listener, { once })
    return () => source.removeEventListener(String(name), listener)
  }
  if (once) source.once(name, listener)
  else source.on(name, listener)
  return () => source.removeListener(name, listener)
}

/** @see https://nodejs.org/api/events.html#eventsonceemitter-name-options */
export async function once(source: Source, name: Name, options: Options = {}): Promise<unknown[]> {
  const { signal } = options
  if (signal?.aborted) throw abortError(signal)
  const stops: (() => void)[] = []
  try {
    return await new Promise((resolve, reject) => {
      stops.push(listen(source, name, (...args) => resolve(args), true))
      if (name !== 'error' && !(source instanceof EventTarget))
        stops.push(listen(source, 'error', reject, true))
      if (signal !== undefined) stops.push(listen(signal, 'abort', () => reject(abortError(signal)), true))
    })
  } finally {
    for (const stop of stops) stop()
  }
}

/** @see https://nodejs.org/api/events.html#eventsonemitter-eventname-options */
export function on(source: Source, name: Name, options: Options = {}): AsyncIterableIterator<unknown[]> {
  const { signal, close = [] } = options
  if (signal?.aborted) throw abortError(signal)
  const ready: unknown[][] = []
  const waiting: PromiseWithResolvers<IteratorResult<unknown[]>>[] = []
  let failure: { readonly error: unknown } | null = null
  let ended = false
  const end = () => {
    ended = true
    for (const stop of stops.splice(0)) stop()
    for (const one of waiting.splice(0)) one.resolve({ value: undefined, done: true })
  }
  const fail = (error: unknown) => {
    const first = waiting.shift()
    if (first === undefined) failure = { error }
    else first.reject(error)
    end()
  }
  const stops = [
    listen(source, name, (...args) => {
      const first = waiting.shift()
      if (first === undefined) ready.push(args)
      else first.resolve({ value: args, done: false })
    }),
    ...close.map((other) => listen(source, other, end)),
    ...(name === 'error' || source instanceof EventTarget ? [] : [listen(source, 'error', fail)]),
    ...(signal === undefined ? [] : [listen(signal, 'abort', () => fail(abortError(signal)), true)]),
  ]
  return {
    async next() {
      const value = ready.shift()
      if (value !== undefined) return { value, done: false }
      if (failure !== null) {
        const { error } = failure
        failure = null
        throw error
      }
      if (ended) return { value: undefined, done: true }
      const one = Promise.withResolvers<IteratorResult<unknown[]>>()
      waiting.push(one)
      return one.promise
    },
    async return() {
      end()
      return { value: undefined, done: true }
    },
    async throw(error) {
      fail(error)
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      end()
    },
  } as AsyncIterableIterator<unknown[]>
}

/** @see https://nodejs.org/api/events.html#eventsaddabortlistenersignal-listener */
export function addAbortListener(signal: AbortSignal, listener: Listener): Disposable {
  if (signal.aborted) {
    queueMicrotask(() => listener())
    return { [Symbol.dispose]() {} }
  }
  return { [Symbol.dispose]: listen(signal, 'abort', listener, true) }
}
