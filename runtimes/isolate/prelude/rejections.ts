import { format } from '../../javascript/format.ts'
import { errorWithStack } from './error-identity.ts'
import { fireGlobal, isHeard, PromiseRejectionEvent } from './global-events.ts'

/** What the host knows of the error that a promise was rejected with. */
export interface RejectedError {
  readonly name: string
  readonly message: string
  readonly stack: string
}

const apply = Reflect.apply
const now = Date.now
const { then } = Promise.prototype
const reject = Promise.reject.bind(Promise)
const CONSTRUCTORS: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}
/** A listener whose own promises are rejected would be called for ever: each second it is called so often at most. */
const PER_SECOND = 100

let second = 0
let told = 0

/**
 * A promise was rejected and nobody handled it.
 * @param head `RejectedError` as JSON, or empty where `value` is the reason itself
 * @returns what is to be printed; null when a listener says that it is dealt with
 */
export function rejectionText(head: string, value: unknown): string | null {
  const copy = head === '' ? null : (JSON.parse(head) as RejectedError)
  const known = copy === null ? undefined : errorWithStack(copy.stack)
  if (
    isHeard('unhandledrejection') &&
    !isTooMuch() &&
    !announce(copy === null ? value : (known ?? rebuilt(copy)))
  )
    return null
  if (copy !== null && known === undefined) return copy.stack || `${copy.name}: ${copy.message}`
  return format([known ?? value])
}

/** The promise itself is not to be had: the event has one that was rejected with the same reason. */
function announce(reason: unknown): boolean {
  const promise = reject(reason)
  apply(then, promise, [undefined, () => {}])
  return fireGlobal(new PromiseRejectionEvent('unhandledrejection', { cancelable: true, promise, reason }))
}

function rebuilt({ name, message, stack }: RejectedError): Error {
  const error = new (CONSTRUCTORS[name] ?? Error)(message)
  for (const [key, value] of [
    ['name', name],
    ['stack', stack],
  ] as const) {
    if (error[key] !== value)
      Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
  }
  return error
}

function isTooMuch(): boolean {
  const current = Math.floor(now() / 1000)
  if (current !== second) {
    second = current
    told = 0
  }
  return ++told > PER_SECOND
}
