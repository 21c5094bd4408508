import { LOCAL } from './prelude/host.ts'
import type { RejectedError } from './prelude/rejections.ts'

/** Rejections that are handed back to an isolate each second; more than that say nothing new. */
const PER_SECOND = 1000
/** Where isolated-vm puts its own frames and the host's below those of the isolate. */
const BOUNDARY = '\n    at (<isolated-vm boundary>)'
/** What isolated-vm makes of an object that does not look like an error. */
const OPAQUE = /^An object was thrown from supplied code within isolated-vm/

/** isolated-vm throws one unhandled rejection of an entry out of it: this gives it back to the isolate. */
export class Rejections {
  #second = 0
  #count = 0

  /** A message for the isolate; empty where there were too many. */
  message(reason: unknown): unknown[] {
    const second = Math.floor(Date.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#count = 0
    }
    if (++this.#count > PER_SECOND) return []
    if (!(reason instanceof Error)) return [LOCAL.REJECTED, 0, '', reason]
    return [LOCAL.REJECTED, 0, JSON.stringify(described(reason)), null]
  }
}

function described({ name, message, stack = '' }: Error): RejectedError {
  if (OPAQUE.test(message)) {
    const text = 'an object that is no Error'
    return { name: 'Error', message: text, stack: text }
  }
  const end = stack.indexOf(BOUNDARY)
  return { name, message, stack: end === -1 ? stack : stack.slice(0, end) }
}
