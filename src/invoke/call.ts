import { LOOP_HEADER, loopDepth } from '../domain/loop.ts'
import type { Invocation, Phases, StartKind } from '../domain/outcome.ts'
import { failureOf, lambdaStatusOf, problemDocument, problemHeaders } from '../domain/problem.ts'
import type { GatewayError } from '../errors.ts'
import { type HangUp, hangUpOf } from '../runtime/hang-up.ts'
import type { Lease } from '../runtime/pool.ts'
import type { Call } from '../runtime/runtime.ts'
import { endOverdue, superviseStream } from '../runtime/supervise.ts'
import { buildResponse, receiptHeaders, roundMs } from './answer.ts'
import { checkLength, cutSentence, limitStream, type StreamEnd } from './answer-limit.ts'
import { outcomeOf } from './failure.ts'
import type { Peer } from './invoker.ts'
import type { Target } from './targets.ts'

type Pairs = readonly (readonly [string, string])[]

/** How a call went, as it is told to the observers when the head of its answer is known. */
export interface Report {
  readonly status: number
  readonly lambdaStatus: number
  readonly phases: Phases
  readonly outcome: Invocation['outcome']
  readonly error: string | null
  /** A line for the callback's log. */
  readonly note?: string
}

const NEVER = () => false

/** Hears of each call once. `row` makes the record; under load most are not wanted. */
export type Recorded = (call: OneCall, report: Report) => void

/**
 * One call from its match to its last byte: what drivers read, and the receipt that grows along the way.
 * Methods, no closures: one is made for every call.
 */
export class OneCall implements Call {
  readonly requestId: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly path: string
  readonly sourceIp: string
  /** Moved on when the body was read before an instance was taken. */
  deadline: number
  readonly hangUp: HangUp
  readonly depth: number
  readonly headers?: Pairs
  body: Uint8Array | null | undefined = null
  /** Replaced where the body is streamed. */
  starved: () => boolean = NEVER
  readonly target: Target
  readonly began: number
  /** `performance.now()` when the handler was given the call. */
  handed = 0
  lease: Lease | null = null
  /** The answer's head went out. */
  answered = false
  ended = false
  readonly #method: string
  readonly #recorded: Recorded
  #tail: ReturnType<typeof setTimeout> | undefined
  #streaming = false

  constructor(
    request: Request,
    target: Target,
    params: Readonly<Record<string, string>>,
    requestId: string,
    peer: Peer,
    began: number,
    recorded: Recorded,
  ) {
    this.requestId = requestId
    this.pathParameters = params
    this.path = target.name
    this.sourceIp = peer.ip
    if (peer.headers !== undefined) this.headers = peer.headers()
    this.deadline = Date.now() + target.limits.timeout_ms
    this.hangUp = peer.hangUp?.() ?? hangUpOf(request.signal)
    this.depth = loopDepth(request.headers.get(LOOP_HEADER))
    this.target = target
    this.began = began
    this.#method = request.method
    this.#recorded = recorded
  }

  take(lease: Lease): void {
    this.lease = lease
    this.ended = false
    lease.slot.lastRequestId = this.requestId
    this.handed = performance.now()
  }

  respond(status: number, pairs: Pairs, body: Uint8Array | ReadableStream<Uint8Array> | null): Response {
    const { target } = this
    const { answer_mb, timeout_ms } = target.limits
    const bare = this.#method === 'HEAD'
    if (answer_mb !== null && !bare) checkLength(pairs, body, answer_mb)
    const phases = this.#phases()
    const report = { status, lambdaStatus: 200, phases, outcome: 'answered', error: null } as const
    const limited = answer_mb !== null && !bare && body instanceof ReadableStream
    let sent = body
    if (body instanceof ReadableStream) {
      this.#streaming = true
      sent = superviseStream(body, timeout_ms, () => this.#stalled())
      if (limited) sent = limitStream(sent, answer_mb, (end) => this.#streamed(report, end, answer_mb))
    }
    const receipt = {
      requestId: this.requestId,
      lambdaStatus: 200,
      version: target.deployment.version,
      start: this.start,
      phases,
    }
    const response = buildResponse(status, pairs, sent, receipt, bare)
    this.answered = true
    // How a stream under a limit went is known when it has ended.
    if (!limited) this.#recorded(this, this.hangUp.gone ? { ...report, outcome: 'aborted' } : report)
    return response
  }

  settled(): void {
    if (this.ended) return
    this.ended = true
    clearTimeout(this.#tail)
    if (this.lease !== null) this.target.pool.release(this.lease)
  }

  /** After the answer: work given to `waitUntil` has the function's time limit once more, then its instance goes. */
  watchTail(): void {
    if (this.ended || this.#streaming) return
    const { timeout_ms } = this.target.limits
    this.#tail = setTimeout(() => {
      this.#end(`work given to waitUntil took longer than ${timeout_ms} ms`)
    }, timeout_ms)
  }

  /** The answer for a call that failed. */
  refuse(error: GatewayError): Response {
    const failure = failureOf(error)
    const phases = this.#phases()
    const lambdaStatus = lambdaStatusOf(failure)
    const headers = problemHeaders(failure, this.requestId, { api: true })
    // The rest of a body that was not read would be taken for the next request of this connection.
    if (error.code === 'body_timeout' || error.code === 'body_too_large') headers.connection = 'close'
    const { version } = this.target.deployment
    receiptHeaders({ requestId: this.requestId, lambdaStatus, version, start: this.start, phases }, headers)
    const outcome = this.hangUp.gone ? 'aborted' : outcomeOf(error)
    const report = {
      status: error.status,
      lambdaStatus,
      phases,
      outcome,
      error: `${error.code}: ${error.message}`,
    }
    this.#recorded(this, report)
    const document = problemDocument(failure, this.requestId, { api: true })
    return new Response(JSON.stringify(document), { status: error.status, headers })
  }

  get start(): StartKind | null {
    return this.lease?.start ?? null
  }

  #phases(): Phases {
    const now = performance.now()
    const { lease } = this
    const phases: Phases = { total: roundMs(now - this.began) }
    if (lease === null) return phases
    if (lease.queueMs > 0) phases.queue = roundMs(lease.queueMs)
    if (lease.start === 'cold') {
      const init = Math.min(lease.startMs, lease.instance.usage().init_ms)
      phases.start = roundMs(lease.startMs - init)
      phases.init = roundMs(init)
    }
    phases.handler = roundMs(now - this.handed)
    return phases
  }

  #streamed(report: Report, end: StreamEnd, answerMb: number): void {
    if (end !== 'cut') {
      this.#recorded(this, end === 'left' ? { ...report, outcome: 'aborted' } : report)
      return
    }
    const note = cutSentence(this.target.name, answerMb)
    this.#recorded(this, { ...report, outcome: 'unsendable', error: `answer_unsendable: ${note}`, note })
  }

  #stalled(): void {
    const { timeout_ms } = this.target.limits
    this.#end(`its streamed answer paused for longer than ${timeout_ms} ms`)
  }

  #end(detail: string): void {
    if (this.lease !== null) void endOverdue(this.lease.instance, this, detail)
  }
}

/** The record of a call, for the database. */
export function rowOf(call: OneCall, report: Report): Invocation {
  const { deployment } = call.target
  return {
    request_id: call.requestId,
    callback_id: deployment.callback_id,
    version: deployment.version,
    runtime: deployment.runtime,
    instance_id: call.lease?.slot.id ?? null,
    status: report.outcome === 'aborted' ? 499 : report.status,
    lambda_status_code: report.lambdaStatus,
    start: call.start,
    phases: report.phases,
    peak_memory_mb: call.lease?.instance.usage().peak_memory_mb ?? null,
    outcome: report.outcome,
    error: report.error,
    time: new Date().toISOString(),
  }
}
