import type { Invocation, StartKind } from '../domain/outcome.ts'
import { failureOf, lambdaStatusOf, problemDocument, problemHeaders } from '../domain/problem.ts'
import type { GatewayError } from '../errors.ts'
import type { Lease } from '../runtime/pool.ts'
import type { Call } from '../runtime/runtime.ts'
import { superviseStream } from '../runtime/supervise.ts'
import { buildResponse, receiptHeaders, roundMs } from './answer.ts'
import { outcomeOf } from './failure.ts'
import type { Peer } from './invoker.ts'
import type { Target } from './targets.ts'

type Pairs = readonly (readonly [string, string])[]

/** Hears of each call once, when its answer's head is known. */
export type Recorded = (row: Invocation, target: Target, call: OneCall) => void

/** One call from its match to its last byte: what drivers read, and the receipt that grows along the way. */
export class OneCall implements Call {
  readonly requestId: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly path: string
  readonly sourceIp: string
  readonly deadline: number
  readonly signal: AbortSignal
  readonly headers?: Pairs
  body: Uint8Array | null | undefined = null
  readonly target: Target
  readonly began: number
  /** `performance.now()` when the handler was given the call. */
  handed = 0
  lease: Lease | null = null
  /** The answer's head went out. */
  answered = false
  ended = false
  readonly #method: string
  readonly #release: (lease: Lease) => void
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
    this.signal = request.signal
    this.target = target
    this.began = began
    this.#method = request.method
    this.#recorded = recorded
    this.#release = (lease) => target.pool.release(lease)
  }

  take(lease: Lease): void {
    this.lease = lease
    this.ended = false
    lease.slot.lastRequestId = this.requestId
    this.handed = performance.now()
  }

  readonly respond = (
    status: number,
    pairs: Pairs,
    body: Uint8Array | ReadableStream<Uint8Array> | null,
  ): Response => {
    const { target } = this
    let sent = body
    if (body instanceof ReadableStream) {
      this.#streaming = true
      sent = superviseStream(body, target.limits.timeout_ms, () => this.#stalled())
    }
    const phases = this.phases()
    const receipt = {
      requestId: this.requestId,
      lambdaStatus: 200,
      version: target.deployment.version,
      start: this.start,
      phases,
    }
    const response = buildResponse(status, pairs, sent, receipt, this.#method === 'HEAD')
    this.answered = true
    this.#record(status, 200, phases, this.signal.aborted ? 'aborted' : 'answered', null)
    return response
  }

  readonly settled = (): void => {
    if (this.ended) return
    this.ended = true
    clearTimeout(this.#tail)
    if (this.lease !== null) this.#release(this.lease)
  }

  /** After the answer: work given to `waitUntil` has the function's time limit once more, then its instance goes. */
  watchTail(): void {
    if (this.ended || this.#streaming) return
    const { timeout_ms } = this.target.limits
    this.#tail = setTimeout(() => {
      void this.lease?.instance.close('timeout', `work given to waitUntil took longer than ${timeout_ms} ms`)
    }, timeout_ms)
  }

  /** The answer for a call that failed. */
  refuse(error: GatewayError): Response {
    const failure = failureOf(error)
    const { target } = this
    const phases = this.phases()
    const lambdaStatus = lambdaStatusOf(failure)
    const headers = problemHeaders(failure, this.requestId, { api: true })
    const receipt = {
      requestId: this.requestId,
      lambdaStatus,
      version: target.deployment.version,
      start: this.start,
      phases,
    }
    receiptHeaders(receipt, headers)
    const outcome = this.signal.aborted ? 'aborted' : outcomeOf(error)
    this.#record(error.status, lambdaStatus, phases, outcome, `${error.code}: ${error.message}`)
    const document = problemDocument(failure, this.requestId, { api: true })
    return new Response(JSON.stringify(document), { status: error.status, headers })
  }

  get start(): StartKind | null {
    return this.lease?.start ?? null
  }

  phases() {
    const now = performance.now()
    const { lease } = this
    const total = roundMs(now - this.began)
    if (lease === null) return { total }
    const init = lease.start === 'cold' ? Math.min(lease.startMs, lease.instance.usage().init_ms) : 0
    return {
      ...(lease.queueMs > 0 ? { queue: roundMs(lease.queueMs) } : {}),
      ...(lease.start === 'cold' ? { start: roundMs(lease.startMs - init), init: roundMs(init) } : {}),
      handler: roundMs(now - this.handed),
      total,
    }
  }

  #stalled(): void {
    const { timeout_ms } = this.target.limits
    void this.lease?.instance.close('timeout', `its streamed answer paused for longer than ${timeout_ms} ms`)
  }

  #record(
    status: number,
    lambdaStatus: number,
    phases: ReturnType<OneCall['phases']>,
    outcome: Invocation['outcome'],
    error: string | null,
  ): void {
    const { target, lease } = this
    const { deployment } = target
    const row: Invocation = {
      request_id: this.requestId,
      callback_id: deployment.callback_id,
      version: deployment.version,
      runtime: deployment.runtime,
      instance_id: lease?.slot.id ?? null,
      status: outcome === 'aborted' ? 499 : status,
      lambda_status_code: lambdaStatus,
      start: this.start,
      phases,
      peak_memory_mb: lease?.instance.usage().peak_memory_mb ?? null,
      outcome,
      error,
      time: new Date().toISOString(),
    }
    this.#recorded(row, target, this)
  }
}
