import { invalidArgument } from '../errors.ts'
import { messageOf } from './message.ts'

export interface AssertionDetails {
  message?: string | undefined
  actual?: unknown
  expected?: unknown
  operator?: string
}

/** @see https://nodejs.org/api/assert.html#class-assertassertionerror */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
  readonly actual: unknown
  readonly expected: unknown
  readonly operator: string
  readonly generatedMessage: boolean

  constructor(details: AssertionDetails) {
    if (typeof details !== 'object' || details === null)
      throw invalidArgument('options', 'of type object', details)
    const { message, actual, expected, operator = 'fail' } = details
    super(message ?? messageOf({ actual, expected, operator }))
    this.actual = actual
    this.expected = expected
    this.operator = operator
    this.generatedMessage = message === undefined
  }
}

/** The author's words, or an error to throw instead. */
export type Message = string | Error | undefined

/** Throws unless it passed. @param words what is said where the author said nothing */
export function check(
  passed: boolean,
  message: Message,
  details: Omit<AssertionDetails, 'message'>,
  words?: string,
): asserts passed {
  if (passed) return
  if (message instanceof Error) throw message
  const error = new AssertionError({ ...details, message: message ?? words })
  if (message === undefined) Object.assign(error, { generatedMessage: true })
  throw error
}
