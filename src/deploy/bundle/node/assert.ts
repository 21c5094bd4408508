// `node:assert` where there is no Node.
import { AssertionError, check, type Message } from './assert/error.ts'
import { messageOf, withDifference } from './assert/message.ts'
import { doesNotReject, doesNotThrow, rejects, throws } from './assert/thrown.ts'
import { contains, deepEqual as same } from './deep-equal.ts'
import { needText } from './errors.ts'
import { inspect } from './inspect/inspect.ts'

export { AssertionError, doesNotReject, doesNotThrow, rejects, throws }

export function ok(...args: [value?: unknown, message?: Message]): void {
  const [value, message] = args
  const nothing = args.length === 0 ? 'No value argument passed to `assert.ok()`' : undefined
  check(Boolean(value), message, { actual: value, expected: true, operator: '==' }, nothing)
}
export function fail(message: Message = 'Failed'): never {
  return check(false, message, { operator: 'fail' }) as never
}

// biome-ignore lint/suspicious/noDoubleEquals: the legacy assertions compare loosely
const loosely = (a: unknown, b: unknown): boolean => a == b || (Number.isNaN(a) && Number.isNaN(b))

/** An assertion of two values. @param shown the operator as messages have it */
function comparing(
  operator: string,
  passes: (actual: unknown, expected: unknown) => boolean,
  shown = operator,
) {
  return (...args: [actual: unknown, expected: unknown, message?: Message]): void => {
    const [actual, expected, message] = args
    if (args.length < 2) {
      const error = new TypeError('The "actual" and "expected" arguments must be specified')
      throw Object.assign(error, { code: 'ERR_MISSING_ARGS' })
    }
    if (passes(actual, expected)) return
    const words = message === undefined ? messageOf({ actual, expected, operator: shown }) : message
    const said = typeof message === 'string' ? withDifference(message, { actual, expected, operator }) : words
    check(false, message === undefined ? undefined : said, { actual, expected, operator }, words as string)
  }
}

export const equal = comparing('==', loosely)
export const notEqual = comparing('!=', (a, b) => !loosely(a, b))
export const strictEqual = comparing('strictEqual', Object.is)
export const notStrictEqual = comparing('notStrictEqual', (a, b) => !Object.is(a, b))
export const deepEqual = comparing('deepEqual', (a, b) => same(a, b, [], loosely))
export const notDeepEqual = comparing('notDeepEqual', (a, b) => !same(a, b, [], loosely))
export const deepStrictEqual = comparing('deepStrictEqual', (a, b) => same(a, b))
export const notDeepStrictEqual = comparing('notDeepStrictEqual', (a, b) => !same(a, b))
export const partialDeepStrictEqual = comparing('partialDeepStrictEqual', contains)

export function match(text: string, expected: RegExp, message?: Message): void {
  needText('string', text)
  const words = `The input did not match the regular expression ${expected}. Input:\n\n${inspect(text)}\n`
  check(expected.test(text), message, { actual: text, expected, operator: 'match' }, words)
}
export function doesNotMatch(text: string, expected: RegExp, message?: Message): void {
  needText('string', text)
  const words = `The input was expected to not match the regular expression ${expected}. Input:\n\n${inspect(text)}\n`
  check(!expected.test(text), message, { actual: text, expected, operator: 'doesNotMatch' }, words)
}
export function ifError(value: unknown): void {
  const reason = value instanceof Error && value.message !== '' ? value.message : inspect(value)
  const words = `ifError got unwanted exception: ${reason}`
  const details = { actual: value, expected: null, operator: 'ifError' }
  check(value === null || value === undefined, undefined, details, words)
}

const common = {
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
  partialDeepStrictEqual,
  rejects,
  strictEqual,
  deepStrictEqual,
  throws,
}
const strictly = {
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
}

/** Takes the place of `ok` where the module itself is called. */
function callable<T extends object>(members: T): typeof ok & T {
  return Object.assign((...args: Parameters<typeof ok>) => ok(...args), members)
}

export const strict = callable({ ...common, ...strictly })
Object.assign(strict, { strict })

export default callable({ ...common, equal, notEqual, deepEqual, notDeepEqual, strict })
