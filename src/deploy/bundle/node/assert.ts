// `node:assert` where there is no Node: the assertions, with messages that show both values.
import { deepEqual as same } from './deep-equal.ts'
import { inspect } from './inspect.ts'

type Message = string | Error | undefined
// biome-ignore lint/suspicious/noExplicitAny: an expectation may be any class, function, pattern or object
type Expected = any

interface Details {
  message?: string
  actual?: unknown
  expected?: unknown
  operator?: string
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
  readonly actual: unknown
  readonly expected: unknown
  readonly operator: string
  readonly generatedMessage: boolean

  constructor(details: Details) {
    super(details.message ?? `${inspect(details.actual)} ${details.operator} ${inspect(details.expected)}`)
    this.actual = details.actual
    this.expected = details.expected
    this.operator = details.operator ?? 'fail'
    this.generatedMessage = details.message === undefined
  }
}

function check(passed: boolean, message: Message, details: Details): asserts passed {
  if (passed) return
  if (message instanceof Error) throw message
  throw new AssertionError(message === undefined ? details : { ...details, message })
}

export function ok(value: unknown, message?: Message): asserts value {
  check(Boolean(value), message, { actual: value, expected: true, operator: '==' })
}
export function fail(message: Message = 'Failed'): never {
  check(false, message, {})
}
// biome-ignore lint/suspicious/noDoubleEquals: the legacy assertions compare loosely
const loosely = (a: unknown, b: unknown): boolean => a == b || (Number.isNaN(a) && Number.isNaN(b))

export function equal(actual: unknown, expected: unknown, message?: Message): void {
  check(loosely(actual, expected), message, { actual, expected, operator: '==' })
}
export function notEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(!loosely(actual, expected), message, { actual, expected, operator: '!=' })
}
export function strictEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(Object.is(actual, expected), message, { actual, expected, operator: 'strictEqual' })
}
export function notStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(!Object.is(actual, expected), message, { actual, expected, operator: 'notStrictEqual' })
}
export function deepEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(same(actual, expected, [], loosely), message, { actual, expected, operator: 'deepEqual' })
}
export function notDeepEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(!same(actual, expected, [], loosely), message, { actual, expected, operator: 'notDeepEqual' })
}
export function deepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(same(actual, expected), message, { actual, expected, operator: 'deepStrictEqual' })
}
export function notDeepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  check(!same(actual, expected), message, { actual, expected, operator: 'notDeepStrictEqual' })
}
export function match(actual: string, expected: RegExp, message?: Message): void {
  check(expected.test(actual), message, { actual, expected, operator: 'match' })
}
export function doesNotMatch(actual: string, expected: RegExp, message?: Message): void {
  check(!expected.test(actual), message, { actual, expected, operator: 'doesNotMatch' })
}
export function ifError(value: unknown): void {
  if (value instanceof Error) throw value
  check(value === null || value === undefined, undefined, {
    actual: value,
    expected: null,
    operator: 'ifError',
  })
}

export function throws(work: () => unknown, expected?: Expected, message?: Message): void {
  try {
    work()
  } catch (error) {
    expectError(error, expected, message)
    return
  }
  missing('exception', 'throws', expected, message)
}
export async function rejects(
  work: Promise<unknown> | (() => Promise<unknown>),
  expected?: Expected,
  message?: Message,
): Promise<void> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    expectError(error, expected, message)
    return
  }
  missing('rejection', 'rejects', expected, message)
}
export function doesNotThrow(work: () => unknown, message?: Message): void {
  try {
    work()
  } catch (error) {
    unwanted('exception', 'doesNotThrow', error, message)
  }
}
export async function doesNotReject(
  work: Promise<unknown> | (() => Promise<unknown>),
  message?: Message,
): Promise<void> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    unwanted('rejection', 'doesNotReject', error, message)
  }
}

function missing(what: string, operator: string, expected: Expected, message: Message): never {
  const said = typeof expected === 'string' ? expected : message
  check(false, said ?? `Missing expected ${what}`, { operator })
}
function unwanted(what: string, operator: string, actual: unknown, message: Message): never {
  const said = typeof message === 'string' ? `: ${message}` : ''
  check(false, message instanceof Error ? message : `Got unwanted ${what}${said}\n${inspect(actual)}`, {
    actual,
    operator,
  })
}

function expectError(error: unknown, expected: Expected, message: Message): void {
  if (expected === undefined || typeof expected === 'string') return
  const details = { actual: error, expected, operator: 'throws' }
  if (expected instanceof RegExp) {
    check(expected.test(String(error)), message, details)
    return
  }
  if (typeof expected === 'object') {
    for (const key of Object.keys(expected)) {
      const actual = (error as Record<string, unknown>)[key]
      const fits =
        expected[key] instanceof RegExp ? expected[key].test(String(actual)) : same(actual, expected[key])
      check(fits, message, details)
    }
    return
  }
  if (expected.prototype !== undefined && error instanceof expected) return
  // A class that does not fit is no validation function: what was thrown goes on.
  if (expected === Error || expected.prototype instanceof Error) throw error
  check(expected(error) === true, message, details)
}

const assertions = {
  AssertionError,
  doesNotMatch,
  doesNotReject,
  doesNotThrow,
  fail,
  ifError,
  match,
  notDeepStrictEqual,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
  deepStrictEqual,
  throws,
}
const strictAssertions = {
  ...assertions,
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
}
export const strict: ((value: unknown, message?: Message) => void) & typeof strictAssertions = Object.assign(
  (value: unknown, message?: Message) => ok(value, message),
  strictAssertions,
)
Object.assign(strict, { strict })

export default Object.assign((value: unknown, message?: Message) => ok(value, message), assertions, {
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  strict,
})
