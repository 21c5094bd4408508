import { describeObject } from './inspect-object.ts'

const MAX_STRING = 10_000

/** How far a value is shown. */
export interface InspectOptions {
  /** Levels of nesting shown; beyond it stands `[Object]`. */
  depth?: number
}

/** One run of `inspect`: what was seen on the way down, and how much may still be written. */
export interface Inspection {
  readonly depth: number
  readonly seen: object[]
  /** Characters left; below zero everything further is `…`. */
  budget: number
}

const BUDGET = 32_768

/** A value as text for people, in the manner of Node. It calls no getter of the author's and is bounded in size. */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  const inspection: Inspection = { depth: options.depth ?? 2, seen: [], budget: BUDGET }
  try {
    return show(value, inspection, 0)
  } catch {
    // A proxy or an exotic object may throw at any look at it.
    return '[an object that cannot be inspected]'
  }
}

/** @param level how deep in the value this is; strings are quoted below the top, and by `inspect` itself */
export function show(value: unknown, inspection: Inspection, level: number): string {
  if (inspection.budget < 0) return '…'
  const text =
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? describeObject(value, inspection, level)
      : showPrimitive(value)
  inspection.budget -= text.length
  return text
}

export function showPrimitive(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return (
        quote(value.length > MAX_STRING ? value.slice(0, MAX_STRING) : value) +
        rest(value.length - MAX_STRING)
      )
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`
    case 'symbol':
      return Symbol.prototype.toString.call(value)
    default:
      return String(value)
  }
}

/** A property's name as it would be written in source. */
export function showKey(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${Symbol.prototype.toString.call(key)}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}

function rest(more: number): string {
  return more > 0 ? `... ${more} more characters` : ''
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\\': '\\\\',
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') ? '`' : "'"
  const body = text.replace(/[\x00-\x1f\x7f\\]/g, (letter) => ESCAPES[letter] ?? hex(letter))
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark
}

function hex(letter: string): string {
  return `\\x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
