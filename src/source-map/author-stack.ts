import type { Language } from '../domain/runtime-name.ts'
import { authorPosition, mapStack, type Position } from './map-stack.ts'

/** A stack as its author is to see it. */
export interface AuthorStack {
  /** Empty where it cannot be told what of it the author wrote. */
  readonly text: string
  /** Where in the author's own file it happened; Python tells no column. */
  readonly position: (Omit<Position, 'column'> & { readonly column?: number }) | null
}

const PYTHON_FRAME = /^ +File "(main\.py)", line (\d+)/gm

/**
 * Puts what a guest tells of an error into the author's coordinates. Python's guest tells it in them already: there the
 * last frame is the innermost, of the error that came last.
 * @param map the text of `main.js.map`; null where there is none
 */
export function authorStack(type: Language, stack: string, map: string | null): AuthorStack {
  if (type === 'python') {
    const frame = [...stack.matchAll(PYTHON_FRAME)].at(-1)
    return { text: stack, position: frame === undefined ? null : { file: frame[1]!, line: Number(frame[2]) } }
  }
  if (map === null) return { text: '', position: null }
  const text = mapStack(stack, map)
  return { text, position: authorPosition(text) }
}
