import { describeObject } from './inspect-object.ts'
import { showPrimitive } from './inspect-primitive.ts'

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
  /** Shows a value further down; `level` is how deep it is. */
  readonly show: (value: unknown, level: number) => string
}

const BUDGET = 32_768

/** A value as text for people, in the manner of Node. It calls no getter of the author's and is bounded in size. */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  const inspection: Inspection = {
    depth: options.depth ?? 2,
    seen: [],
    budget: BUDGET,
    show: (inner, level) => show(inner, inspection, level),
  }
  try {
    return show(value, inspection, 0)
  } catch {
    // A proxy or an exotic object may throw at any look at it.
    return '[an object that cannot be inspected]'
  }
}

/** @param level how deep in the value this is; strings are quoted below the top, and by `inspect` itself */
function show(value: unknown, inspection: Inspection, level: number): string {
  if (inspection.budget < 0) return '…'
  const text =
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? describeObject(value, inspection, level)
      : showPrimitive(value)
  inspection.budget -= text.length
  return text
}
