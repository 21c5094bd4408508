import { type FetchEvent, fetchListener } from '../javascript/fetch-event.ts'

type Add = (type: string, callback: unknown, options?: unknown) => void

const target = globalThis as unknown as EventTarget
const add = target.addEventListener.bind(target) as Add
const remove = target.removeEventListener.bind(target) as Add
const dispatch = target.dispatchEvent.bind(target)
const fetchCallbacks = new Set<unknown>()

const own = (type: string, callback: unknown) => (type === 'fetch' ? fetchListener(callback) : callback)

/** What stands in for the global object's own: a listener for "fetch" takes calls. */
export const listening = {
  addEventListener(type: unknown, callback: unknown, options?: unknown): void {
    const name = String(type)
    add(name, own(name, callback), options)
    if (name === 'fetch' && callback) fetchCallbacks.add(callback)
  },
  removeEventListener(type: unknown, callback: unknown, options?: unknown): void {
    const name = String(type)
    remove(name, own(name, callback), options)
    if (name === 'fetch') fetchCallbacks.delete(callback)
  },
}

/** Where calls of scripts go that listen for "fetch". */
export const fetchListeners = {
  present: () => fetchCallbacks.size > 0,
  dispatch: (event: FetchEvent) => {
    dispatch(event)
  },
}

/**
 * Errors and rejections that nobody handles: left alone they would end the process, and with it every call; in an
 * isolate they cost nothing but a line. A listener of the author's that prevents the default keeps that line away.
 */
export function onUnhandled(print: (text: string, reason: unknown) => void): void {
  const watch = (type: string, text: string, reasonOf: (event: Event) => unknown) =>
    add(type, (event: Event) => {
      let prevented = false
      event.preventDefault()
      Object.defineProperty(event, 'preventDefault', {
        value: () => {
          prevented = true
        },
      })
      queueMicrotask(() => {
        if (!prevented) print(text, reasonOf(event))
      })
    })
  watch('unhandledrejection', 'Uncaught (in promise)', (event) => (event as PromiseRejectionEvent).reason)
  watch('error', 'Uncaught', (event) => (event as ErrorEvent).error)
}
