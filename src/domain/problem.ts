import { type Blame, ERRORS, type ErrorExtras, type GatewayError } from '../errors.ts'
import { LAMBDA_STATUS, type LambdaStatusCode } from './outcome.ts'

/** What every error looks like before it is written down. */
export interface Failure {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly blame: Blame
  readonly detail: string
  readonly extras: ErrorExtras
}

/** The one shape of every error that leaves the gateway (RFC 9457). */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly blame: Blame
  readonly request_id: string
  readonly [extra: string]: unknown
}

export interface ProblemOptions {
  /** The error answers a call under /api: it carries the members of the older shape too. */
  readonly api?: boolean
}

export const PROBLEM_TYPE = 'application/problem+json'

const DEFAULT_RETRY_AFTER = 1

/** The failure that a `GatewayError` stands for. */
export function failureOf(error: GatewayError): Failure {
  const { status, title, blame } = ERRORS[error.code]
  return { code: error.code, status, title, blame, detail: error.message, extras: error.extras }
}

/** The document of a failure. Its standard members cannot be overridden by extras. */
export function problemDocument(
  failure: Failure,
  requestId: string,
  options: ProblemOptions = {},
): ProblemDocument {
  const older = options.api ? { lambdaStatusCode: lambdaStatusOf(failure), body: bodyOf(failure) } : {}
  const standard = {
    type: `urn:faas:error:${failure.code}`,
    title: failure.title,
    status: failure.status,
    detail: failure.detail,
    code: failure.code,
    blame: failure.blame,
    request_id: requestId,
  }
  // First for its place in the text, last for its word.
  return { ...standard, ...failure.extras, ...older, ...standard }
}

/** The headers that go with the document, in lower case. */
export function problemHeaders(
  failure: Failure,
  requestId: string,
  options: ProblemOptions = {},
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'x-request-id': requestId }
  const { allow, retry_after } = failure.extras
  if (allow !== undefined) headers.allow = allow.join(', ')
  if (retry_after !== undefined) headers['retry-after'] = String(Math.ceil(retry_after))
  else if (failure.status === 503) headers['retry-after'] = String(DEFAULT_RETRY_AFTER)
  if (options.api) headers['x-lambda-status-code'] = String(lambdaStatusOf(failure))
  return headers
}

/** What an error counts as in the older vocabulary, which knows four outcomes only. */
export function lambdaStatusOf(failure: Pick<Failure, 'code'>): LambdaStatusCode {
  if (failure.code === 'function_timeout') return LAMBDA_STATUS.TIMEOUT
  if (failure.code === 'answer_unsendable') return LAMBDA_STATUS.JSON_PARSE_ERROR
  return LAMBDA_STATUS.LAMBDA_ERROR
}

function bodyOf({ code, detail, extras }: Failure): string {
  const limit = extras.kill?.limit
  if (code === 'function_timeout' && typeof limit === 'number') return `Process Time Out (${limit / 1000}s)`
  return extras.error?.message ?? detail
}
