import { inspect } from '../inspect/inspect.ts'
import { lineDiff } from './diff.ts'

/** What an assertion compared, and how. */
export interface Comparison {
  readonly actual?: unknown
  readonly expected?: unknown
  readonly operator: string
}

const EQUAL: Readonly<Record<string, string>> = {
  strictEqual: 'Expected values to be strictly equal:',
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
}
const UNEQUAL: Readonly<Record<string, string>> = {
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
}
/** Two values that are no longer than this together stand on one line. */
const SHORT = 12

/** What an assertion that was given no words says: both values, or where they differ. */
export function messageOf({ actual, expected, operator }: Comparison): string {
  if (EQUAL[operator] !== undefined) return differing(EQUAL[operator], actual, expected, operator)
  if (operator === 'notStrictEqual' && isObject(actual))
    return `Expected "actual" not to be reference-equal to "expected":\n\n${shown(actual)}\n`
  if (UNEQUAL[operator] !== undefined)
    return `${UNEQUAL[operator]}${isObject(actual) ? '\n\n' : ' '}${shown(actual)}`
  if (operator === 'deepEqual')
    return `Expected values to be loosely deep-equal:\n\n${shown(actual)}\n\nshould loosely deep-equal\n\n${shown(expected)}`
  return `${shown(actual)} ${operator} ${shown(expected)}`
}

/** The author's words, with the difference behind them. */
export function withDifference(words: string, { actual, expected, operator }: Comparison): string {
  return EQUAL[operator] === undefined ? words : differing(words, actual, expected, operator)
}

function differing(title: string, actual: unknown, expected: unknown, operator: string): string {
  const [left, right] = [shown(actual), shown(expected)]
  if (operator === 'strictEqual' && isObject(actual) && isObject(expected) && left === right)
    return `Values have same structure but are not reference-equal:\n\n${left}\n`
  const oneLine = !isObject(actual) && !isObject(expected) && left.length + right.length <= width(left, right)
  if (oneLine) return `${title}\n\n${left} !== ${right}\n`
  return `${title}\n+ actual - expected\n\n${lineDiff(left, right)}\n`
}

/** Texts may be longer than other values before they are put below each other. */
function width(left: string, right: string): number {
  return left.startsWith("'") || right.startsWith("'") ? SHORT * 4 : SHORT * 2
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function shown(value: unknown): string {
  return inspect(value, {
    compact: false,
    customInspect: false,
    depth: 1000,
    maxArrayLength: Number.POSITIVE_INFINITY,
    sorted: true,
    getters: true,
    breakLength: Number.POSITIVE_INFINITY,
  })
}
