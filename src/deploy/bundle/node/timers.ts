// `node:timers` where there is no Node: the guest's timers, and immediates made of them.
import promises from 'node:timers/promises'

export { promises }
export const setTimeout = globalThis.setTimeout
export const clearTimeout = globalThis.clearTimeout
export const setInterval = globalThis.setInterval
export const clearInterval = globalThis.clearInterval

export function setImmediate<A extends unknown[]>(callback: (...args: A) => void, ...args: A): unknown {
  return globalThis.setTimeout(callback as (...args: unknown[]) => void, 0, ...args)
}

export function clearImmediate(handle: unknown): void {
  globalThis.clearTimeout(handle as number)
}

export default {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  promises,
}
