/** Who has to act: the one who called, the author of the function, or the operator of the gateway. */
export type Blame = 'caller' | 'function' | 'platform'

interface ErrorSpec {
  readonly status: number
  readonly blame: Blame
  readonly title: string
}

/** Every error that can leave the gateway. Wording of the one case lives where it happens. */
export const ERRORS = {
  // The request itself.
  malformed_json: { status: 400, blame: 'caller', title: 'The body is not JSON' },
  malformed_request: { status: 400, blame: 'caller', title: 'The request cannot be understood' },
  invalid: { status: 422, blame: 'caller', title: 'The request has invalid fields' },
  unauthorized: { status: 401, blame: 'caller', title: 'A token is needed' },
  origin_refused: { status: 403, blame: 'caller', title: 'Pages of this origin may not do that' },
  not_found: { status: 404, blame: 'caller', title: 'There is no such thing' },
  method_not_allowed: { status: 405, blame: 'caller', title: 'The path does not take this method' },
  body_too_large: { status: 413, blame: 'caller', title: 'The body is too large' },
  uri_too_long: { status: 414, blame: 'caller', title: 'The address is too long' },
  headers_too_large: { status: 431, blame: 'caller', title: 'The headers are too large' },
  body_timeout: { status: 408, blame: 'caller', title: 'The body did not arrive in time' },
  client_closed: { status: 499, blame: 'caller', title: 'The caller hung up' },
  // Management.
  path_taken: { status: 409, blame: 'caller', title: 'The path and method are taken' },
  build_running: { status: 409, blame: 'caller', title: 'A build of this callback is running' },
  delete_while_building: { status: 400, blame: 'caller', title: 'The callback is being built' },
  runtime_unavailable: { status: 422, blame: 'platform', title: 'The runtime cannot be used here' },
  // Calls: the function's doing.
  function_threw: { status: 500, blame: 'function', title: 'The function threw' },
  function_killed: { status: 500, blame: 'function', title: 'The function was ended' },
  function_timeout: { status: 504, blame: 'function', title: 'The function passed its time limit' },
  answer_unsendable: { status: 502, blame: 'function', title: "The function's answer cannot be sent" },
  loop_detected: { status: 508, blame: 'function', title: 'Functions call one another without end' },
  // Calls: the gateway's own troubles.
  queue_full: { status: 503, blame: 'platform', title: 'Too many calls are waiting' },
  queue_timeout: { status: 503, blame: 'platform', title: 'No instance became free in time' },
  start_failed: { status: 503, blame: 'platform', title: 'No instance could be started' },
  boot_failed: { status: 500, blame: 'function', title: 'The function could not be loaded' },
  instance_lost: { status: 503, blame: 'platform', title: 'The instance ended under the call' },
  draining: { status: 503, blame: 'platform', title: 'The gateway is shutting down' },
  store_unavailable: { status: 503, blame: 'platform', title: 'The database does not answer' },
  internal: { status: 500, blame: 'platform', title: 'The gateway failed' },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof ERRORS

/** What an error may add to its problem document. */
export interface ErrorExtras {
  callback_id?: number
  /** Seconds; becomes the `Retry-After` header too. */
  retry_after?: number
  /** Methods that the path does take; becomes the `Allow` header too. */
  allow?: readonly string[]
  /** One entry a field, for `invalid`. */
  errors?: readonly { path: string; message: string }[]
  error?: { name: string; message: string; stack: string }
  kill?: { reason: string; limit: number | null; used: number | null }
  [extra: string]: unknown
}

/**
 * An error with its place in the table. Thrown anywhere in the gateway; `http/problem.ts` alone turns it
 * into an answer.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly extras: ErrorExtras

  /** @param detail what happened, to what, and what to do; no period at its end */
  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause })
    this.code = code
    this.extras = extras
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get blame(): Blame {
    return ERRORS[this.code].blame
  }
}
