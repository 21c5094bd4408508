import {
  type Failure,
  failureOf,
  type ProblemOptions,
  problemDocument,
  problemHeaders,
} from '../domain/problem.ts'
import { type ErrorCode, type ErrorExtras, GatewayError } from '../errors.ts'
import { BuildRunning, NotFound, PathTaken, StoreError } from '../store/store.ts'

/** Turns any error into its answer. The only place where one does; no stack of the gateway passes through. */
export function problemResponse(error: unknown, requestId: string, options: ProblemOptions = {}): Response {
  const failure = failureFrom(error)
  const headers = problemHeaders(failure, requestId, options)
  if (failure.code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="faas"'
  // The rest of a body that was not read would be taken for the next request of this connection.
  if (failure.code === 'body_timeout' || failure.code === 'body_too_large') headers.connection = 'close'
  const body = JSON.stringify(problemDocument(failure, requestId, options))
  return new Response(body, { status: failure.status, headers })
}

/** True for a trouble of the gateway that nobody put into words: its cause belongs in the gateway's log. */
export function isUnexpected(error: unknown): boolean {
  const { code, blame } = failureFrom(error)
  return code === 'internal' || (blame === 'platform' && !(error instanceof GatewayError))
}

/** The failure any thrown value stands for. */
export function failureFrom(error: unknown): Failure {
  return failureOf(error instanceof GatewayError ? error : translated(error))
}

function translated(error: unknown): GatewayError {
  if (error instanceof PathTaken) {
    return refusal('path_taken', `That path and method belong to callback ${error.callback_id}`, {
      callback_id: error.callback_id,
    })
  }
  if (error instanceof BuildRunning) {
    return refusal('build_running', 'A build of that callback is running: wait for its end and try again')
  }
  if (error instanceof NotFound) return refusal('not_found', `That ${error.what} does not exist`)
  if (error instanceof StoreError) {
    return refusal('store_unavailable', 'The database did not answer: try again in a moment')
  }
  return refusal(
    'internal',
    "The gateway failed at this request: its log has the cause under the request's id",
  )
}

function refusal(code: ErrorCode, detail: string, extras: ErrorExtras = {}): GatewayError {
  return new GatewayError(code, detail, extras)
}
