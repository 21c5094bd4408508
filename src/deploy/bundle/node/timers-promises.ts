// `node:timers/promises` where there is no Node.
import { abortError } from './events/waiting.ts'

interface Options {
  signal?: AbortSignal
}

/** @see https://nodejs.org/api/timers.html#timerspromisessettimeoutdelay-value-options */
export function setTimeout<T>(delay?: number, value?: T, options: Options = {}): Promise<T> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    const fail = () => reject(abortError(signal!))
    if (signal?.aborted) return fail()
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener('abort', fail)
      resolve(value as T)
    }, delay)
    signal?.addEventListener(
      'abort',
      () => {
        globalThis.clearTimeout(timer)
        fail()
      },
      { once: true },
    )
  })
}

/** @see https://nodejs.org/api/timers.html#timerspromisessetimmediatevalue-options */
export function setImmediate<T>(value?: T, options?: Options): Promise<T> {
  return setTimeout(0, value, options)
}

/** @see https://nodejs.org/api/timers.html#timerspromisessetintervaldelay-value-options */
export async function* setInterval<T>(delay?: number, value?: T, options?: Options): AsyncGenerator<T> {
  for (;;) yield await setTimeout(delay, value as T, options)
}

/** @see https://nodejs.org/api/timers.html#timerspromisesschedulerwaitdelay-options */
export const scheduler = {
  wait: (delay: number, options?: Options): Promise<void> => setTimeout(delay, undefined, options),
  yield: (): Promise<void> => setImmediate(),
}

export default { setTimeout, setImmediate, setInterval, scheduler }
