import * as v from 'valibot'
import { isPlainObject, isStorable } from './base.ts'

/** Stands for a value that is never shown; sent back, it keeps what is stored. */
export const MASK = '***'

/** All names and values together. */
const MAX_ENV_BYTES = 131_072
const MAX_VARIABLES = 1000

/**
 * Environment variables. A record schema would silently drop names such as `constructor`; this keeps them,
 * and refuses `__proto__`, which no host language keeps as a plain name.
 */
export const EnvInput = v.pipe(
  v.custom<Record<string, unknown>>(isPlainObject, 'must be an object of text values'),
  v.rawTransform<Record<string, unknown>, Record<string, string>>(({ dataset, addIssue, NEVER }) => {
    const input = dataset.value
    const entries = Object.entries(input)
    let refused = false
    const refuse = (message: string, key?: string) => {
      refused = true
      const path = { type: 'object', origin: 'value', input, key: key!, value: undefined } as const
      addIssue({ message, ...(key === undefined ? {} : { path: [path] }) })
    }
    if (entries.length > MAX_VARIABLES) refuse(`must have at most ${MAX_VARIABLES} variables`)
    for (const [name, value] of entries.slice(0, MAX_VARIABLES)) {
      const problem = variableProblem(name, value)
      if (problem !== null) refuse(problem, name)
    }
    if (!refused && sizeOf(entries) > MAX_ENV_BYTES) {
      refuse(`must have at most ${MAX_ENV_BYTES} bytes, names and values together`)
    }
    return refused ? NEVER : (Object.fromEntries(entries) as Record<string, string>)
  }),
  v.metadata({
    type: 'object',
    additionalProperties: { type: 'string' },
    maxProperties: MAX_VARIABLES,
    description: `Environment variables. Values are write-only: answers show each as "${MASK}", and "${MASK}" in an update keeps the stored one.`,
  }),
)

/** The names of the environment variables, each with the mask for its value. */
export const EnvView = v.pipe(
  v.custom<Record<string, typeof MASK>>(
    (value) => isPlainObject(value) && Object.values(value as object).every((shown) => shown === MASK),
  ),
  v.metadata({ type: 'object', additionalProperties: { const: MASK } }),
)

function variableProblem(name: string, value: unknown): string | null {
  if (name === '') return 'has an empty name'
  if (name === '__proto__') return 'is not allowed as a name'
  if (name.includes('=') || !isStorable(name)) return 'must have a name without = and NUL'
  if (typeof value !== 'string') return 'must be text'
  return isStorable(value) ? null : 'must not have a NUL character or half of a surrogate pair'
}

function sizeOf(entries: readonly [string, unknown][]): number {
  return entries.reduce((sum, [name, value]) => sum + bytes(name) + bytes(String(value)), 0)
}

function bytes(value: string): number {
  return new TextEncoder().encode(value).byteLength
}
