import * as v from 'valibot'
import { GatewayError } from '../../errors.ts'

interface FieldProblem {
  readonly path: string
  readonly message: string
}

const SHOWN_LENGTH = 60
const MAX_REPORTED = 20

/** Their values may be secrets or whole programs: a message must not repeat them. */
const UNQUOTED = new Set(['env', 'code', 'library', 'content'])

/**
 * Checks a value against a schema.
 * @param action what the request wants, for the sentence: `create a callback`
 * @throws GatewayError invalid, one entry a field
 */
export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, action: string): T {
  const result = v.safeParse(schema, value, { abortPipeEarly: true })
  if (result.success) return result.output
  throw invalid(action, result.issues.slice(0, MAX_REPORTED).map(fieldProblem))
}

/** The error for fields that the schema lets pass and something else refuses. */
export function invalid(action: string, errors: readonly FieldProblem[]): GatewayError {
  const sentences = errors.map(({ path, message }) => sentence(path, message))
  return new GatewayError('invalid', `Cannot ${action}: ${sentences.join('; ')}`, { errors })
}

function sentence(path: string, message: string): string {
  if (path === '') return `the body ${message}`
  return message.startsWith(`${path} `) ? message : `${path} ${message}`
}

function fieldProblem(issue: v.BaseIssue<unknown>): FieldProblem {
  const keys = issue.path?.map((item) => String(item.key)) ?? []
  const missing = issue.expected?.startsWith('"') === true
  const unknown = issue.expected === 'never'
  const quoted =
    !missing && !unknown && !keys.some((key) => UNQUOTED.has(key)) && issue.type !== 'raw_transform'
  return {
    path: keys.join('.'),
    message: quoted ? `${issue.message}: it is ${shown(issue.input)}` : issue.message,
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
}
