import { deepEqual as same } from '../deep-equal.ts'
import { needFunction } from '../errors.ts'
import { inspect } from '../inspect/inspect.ts'
import { check, type Message } from './error.ts'

// biome-ignore lint/suspicious/noExplicitAny: an expectation may be any class, function, pattern or object
export type Expected = any

export function throws(work: () => unknown, expected?: Expected, message?: Message): void {
  needFunction('fn', work)
  try {
    work()
  } catch (error) {
    expectError(error, expected, message, 'throws')
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
    expectError(error, expected, message, 'rejects')
    return
  }
  missing('rejection', 'rejects', expected, message)
}

export function doesNotThrow(work: () => unknown, ...rest: [Expected?, Message?]): void {
  needFunction('fn', work)
  try {
    work()
  } catch (error) {
    unwanted('exception', 'doesNotThrow', error, rest)
  }
}

export async function doesNotReject(
  work: Promise<unknown> | (() => Promise<unknown>),
  ...rest: [Expected?, Message?]
): Promise<void> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    unwanted('rejection', 'doesNotReject', error, rest)
  }
}

function missing(what: string, operator: string, expected: Expected, message: Message): never {
  const said = typeof expected === 'string' ? expected : message
  if (said instanceof Error) throw said
  const type = typeof expected === 'function' && expected.name ? ` (${expected.name})` : ''
  const words = `Missing expected ${what}${type}${said === undefined ? '.' : `: ${said}`}`
  return check(false, undefined, { operator, expected }, words) as never
}

function unwanted(what: string, operator: string, actual: unknown, rest: [Expected?, Message?]): never {
  const said = rest.find((part) => typeof part === 'string')
  const reason = (actual as { message?: unknown } | null)?.message
  const words = `Got unwanted ${what}${said === undefined ? '.' : `: ${said}`}\nActual message: "${reason}"`
  return check(false, undefined, { operator, actual }, words) as never
}

function expectError(error: unknown, expected: Expected, message: Message, operator: string): void {
  if (expected === undefined || typeof expected === 'string') return
  const details = { actual: error, expected, operator }
  if (expected instanceof RegExp) {
    const words = `The input did not match the regular expression ${expected}. Input:\n\n${inspect(String(error))}\n`
    check(expected.test(String(error)), message, details, words)
    return
  }
  if (typeof expected === 'object') {
    expectFields(error, expected, message, operator)
    return
  }
  if (expected.prototype !== undefined && error instanceof expected) return
  if (expected === Error || expected.prototype instanceof Error) {
    const { name, message: reason } = error as { name?: string; message?: string }
    const words = `The error is expected to be an instance of "${expected.name}". Received "${name}"\n\nError message:\n\n${reason}`
    check(false, message, details, words)
  }
  const verdict = expected.call({}, error)
  const what = expected.name ? `The "${expected.name}" validation function` : 'The validation function'
  const words = `${what} is expected to return "true". Received ${inspect(verdict)}\n\nCaught error:\n\n${error}`
  check(verdict === true, message, details, words)
}

function expectFields(error: unknown, expected: Expected, message: Message, operator: string): void {
  const found = (error ?? {}) as Record<string, unknown>
  const keys =
    expected instanceof Error ? [...Object.keys(expected), 'name', 'message'] : Object.keys(expected)
  const fits = (key: string) =>
    expected[key] instanceof RegExp && typeof found[key] === 'string'
      ? expected[key].test(found[key])
      : same(found[key], expected[key])
  if (keys.every(fits)) return
  const picked = (from: Record<string, unknown>) =>
    Object.assign(
      new Comparison(),
      Object.fromEntries(keys.filter((key) => key in from).map((key) => [key, from[key]])),
    )
  const details = { actual: picked(found), expected: picked(expected), operator: 'deepStrictEqual' }
  try {
    check(false, message, details)
  } catch (failure) {
    if (failure !== message) Object.assign(failure as object, { actual: error, expected, operator })
    throw failure
  }
}

/** The fields that were compared, under the name that Node shows them by. */
class Comparison {}
