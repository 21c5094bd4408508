import { PROBLEM_TYPE } from '../../domain/problem.ts'
import { ERRORS, type ErrorCode } from '../../errors.ts'

/** One method of one path. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly unknown[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, unknown>>
}

/** The answers that an error code stands for, one for each HTTP status. */
export function problemResponses(codes: readonly ErrorCode[]): Record<string, unknown> {
  const responses: Record<string, { description: string; content: unknown }> = {}
  for (const code of codes) {
    const { status, title } = ERRORS[code]
    const line = `\`${code}\`: ${title}`
    const known = responses[status]
    if (known !== undefined) known.description += `; ${line}`
    else {
      const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } }
      responses[status] = { description: line, content }
    }
  }
  return responses
}
