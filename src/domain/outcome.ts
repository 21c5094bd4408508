/** How a call went, in the words of the contract. */
export const LAMBDA_STATUS = { SUCCESS: 200, JSON_PARSE_ERROR: 400, LAMBDA_ERROR: 500, TIMEOUT: 504 } as const
export type LambdaStatusCode = (typeof LAMBDA_STATUS)[keyof typeof LAMBDA_STATUS]

/** An error as the author's code threw it; `stack` points into the author's source. */
export interface ThrownError {
  readonly name: string
  readonly message: string
  readonly stack: string
}

export const KILL_REASONS = ['timeout', 'memory', 'cpu', 'crash', 'evicted'] as const
export type KillReason = (typeof KILL_REASONS)[number]

/** Why a sandbox was ended under a call. `limit` and `used` are ms for timeout and cpu, MiB for memory. */
export interface Kill {
  readonly reason: KillReason
  readonly limit: number | null
  readonly used: number | null
}

/** Why an instance ended: a kill, or one of the peaceful reasons. */
export type ExitReason =
  | KillReason
  | 'idle'
  | 'replaced'
  | 'undeployed'
  | 'job_done'
  | 'shutdown'
  | 'boot_failed'

/** The last word on an instance: a row of the death ledger. */
export interface Exit {
  readonly reason: ExitReason
  /** A sentence for people. */
  readonly detail: string
  readonly limit: number | null
  readonly used: number | null
  readonly cpu_ms: number | null
  readonly peak_memory_mb: number | null
}

/**
 * The call failed by the function's doing. Thrown by `Instance.fetch`, never by the gateway's own code.
 * - `threw`: the handler threw or rejected
 * - `unsendable`: what it answered cannot be sent
 * - `killed`: its sandbox ended under it
 */
export type FunctionFailureKind = 'threw' | 'unsendable' | 'killed'

export class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure'
  readonly kind: FunctionFailureKind
  readonly thrown: ThrownError
  readonly kill: Kill | null

  constructor(kind: FunctionFailureKind, thrown: ThrownError, kill: Kill | null = null) {
    super(thrown.message)
    this.kind = kind
    this.thrown = thrown
    this.kill = kill
  }
}

/** A function failure for a sandbox that ended: the sentence says what passed which limit. */
export function killedFailure(kill: Kill, detail: string): FunctionFailure {
  return new FunctionFailure('killed', { name: 'Killed', message: detail, stack: '' }, kill)
}

/** A function failure for a sandbox that sent what is not the protocol, so that its answer cannot be told. */
export function garbledFailure(detail: string): FunctionFailure {
  return new FunctionFailure('unsendable', { name: 'ProtocolError', message: detail, stack: '' })
}

export type StartKind = 'warm' | 'prewarmed' | 'cold'

/** Milliseconds per phase of one call; a phase that did not happen is absent. */
export interface Phases {
  queue?: number
  start?: number
  init?: number
  handler?: number
  total: number
}

/** One finished call: a row of GET /callbacks/{id}/invocations. */
export interface Invocation {
  readonly request_id: string
  readonly callback_id: number
  readonly version: number
  readonly runtime: string
  readonly instance_id: string | null
  /** HTTP status that the caller saw; 499 when the caller hung up. */
  readonly status: number
  readonly lambda_status_code: number
  readonly start: StartKind | null
  readonly phases: Phases
  readonly peak_memory_mb: number | null
  readonly outcome: 'answered' | FunctionFailureKind | 'aborted' | 'refused'
  /** The error's code and sentence, where there was one. */
  readonly error: string | null
  readonly time: string
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** One line that a function printed. */
export interface LogLine {
  readonly callback_id: number
  readonly version: number
  readonly instance_id: string
  /** Null where the line belongs to no one call: module scope, or work that outlived its call. */
  readonly request_id: string | null
  readonly level: LogLevel
  /** ISO 8601 UTC. */
  readonly time: string
  readonly message: string
}
