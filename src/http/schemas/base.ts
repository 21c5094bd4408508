import * as v from 'valibot'

// Every message is the second half of a sentence: `limits.memory_mb` + `must be a whole number from 16 to 8192`.

const MAX_ID = Number.MAX_SAFE_INTEGER

/** An object that takes the named fields and no others; arrays are no objects. */
export function fields<const E extends v.ObjectEntries>(entries: E) {
  const known = Object.keys(entries).join(', ')
  return v.pipe(
    v.custom<Record<string, unknown>>(isPlainObject, 'must be an object'),
    v.strictObject(entries, (issue) =>
      issue.expected === 'never' ? `is not a known field: the known ones are ${known}` : 'is required',
    ),
  )
}

/** True for what `{…}` in JSON gives. */
export function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Text that every database keeps as it is: no NUL, no half of a surrogate pair. */
export function text(maxLength: number) {
  return v.pipe(
    v.string('must be text'),
    v.maxLength(maxLength, `must have at most ${maxLength} characters`),
    v.check(isStorable, 'must not have a NUL character or half of a surrogate pair'),
  )
}

/** The same, with at least one character that is not white space. */
export function filledText(maxLength: number) {
  return v.pipe(
    text(maxLength),
    v.minLength(1, 'must not be empty'),
    v.check((value) => value.trim() !== '', 'must not be blank'),
  )
}

/** True for text that comes back from any database as it went in. */
export function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed()
}

/** A whole number within an inclusive range. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message))
}

/** The id of a row. */
export function id() {
  const message = 'must be an id: a whole number above 0'
  return v.pipe(v.number(message), v.integer(message), v.minValue(1, message), v.maxValue(MAX_ID, message))
}

/** One of a closed list of words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return v.picklist(words, `must be one of ${words.join(', ')}`)
}

/** True or false, not a word or number that stands for it. */
export function flag() {
  return v.boolean('must be true or false')
}

/** A time in an answer: ISO 8601, UTC. */
export function time() {
  return v.pipe(v.string(), v.isoTimestamp())
}

/** A whole number in a query, where everything is text. */
export function queryNumber(min: number, max: number, whole = true) {
  const message = `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`
  const number = v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message))
  return v.pipe(
    v.string(message),
    v.regex(whole ? /^\d{1,16}$/ : /^\d{1,16}(\.\d{1,16})?$/, message),
    v.transform(Number),
    whole ? v.pipe(number, v.integer(message)) : number,
  )
}

/** A switch in a query: `?follow`, `?follow=1`, `?follow=true` and their opposites. */
export function queryFlag() {
  return v.pipe(
    v.picklist(['', '1', 'true', '0', 'false'], 'must be 1 or 0'),
    v.transform((word) => word === '' || word === '1' || word === 'true'),
    v.boolean(),
  )
}
