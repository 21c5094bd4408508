import { MAX_DEPTH } from '../domain/loop.ts'
import { failureOf, lambdaStatusOf, problemDocument, problemHeaders } from '../domain/problem.ts'
import { GatewayError } from '../errors.ts'
import { InstanceGone } from '../runtime/failures.ts'
import { supervise } from '../runtime/supervise.ts'
import { type Receipt, receiptHeaders, roundMs } from './answer.ts'
import { type BodyLimits, createBodyReader, hasBody } from './body.ts'
import { OneCall, type Recorded } from './call.ts'
import { asEnvelope, wantsEnvelope } from './envelope.ts'
import { explain, type SourceMapOf } from './failure.ts'
import type { Invoker } from './invoker.ts'
import type { Targets } from './targets.ts'

/** What the hot path needs. */
export interface InvokerOptions {
  readonly targets: Targets
  readonly body: BodyLimits
  readonly recorded: Recorded
  readonly draining: () => boolean
  readonly sourceMapOf: SourceMapOf
  readonly onError: (error: unknown, requestId: string) => void
}

/** Methods that RFC 9110 section 9.2.2 lets anyone send again. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const ATTEMPTS = 3
const WELL_FORMED_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** match → acquire → supervise → answer → record. No database, no disk, nothing validated again. */
export function createInvoker(options: InvokerOptions): Invoker {
  const { targets } = options
  const readBody = createBodyReader(options.body)

  /** A warm instance has room, and the request has no body: nearly every call. */
  const quick = (call: OneCall, request: Request): Promise<Response> => {
    const lease = call.target.pool.tryAcquire()
    if (lease === null) return patient(call, request)
    call.take(lease)
    return supervise(lease.instance, request, call, call.target.limits.timeout_ms).then(
      (response) => {
        if (!call.ended) call.watchTail()
        return response
      },
      (error: unknown) => {
        call.settled()
        return repeatable(call, request, error) ? patient(call, request, 2) : failed(call, error)
      },
    )
  }

  /** A body has to be read, or an instance waited for, or the first try was lost. */
  const patient = async (call: OneCall, request: Request, first = 1): Promise<Response> => {
    const { target } = call
    let sent = request
    let trouble: () => GatewayError | null = () => null
    try {
      if (hasBody(request) && call.body === null) {
        const body = await readBody(request)
        call.body = body.whole
        // How long the caller took to send it is not the function's time.
        if (body.whole !== undefined) call.deadline = Date.now() + target.limits.timeout_ms
        call.starved = body.starved
        sent = body.request
        trouble = body.trouble
      }
      for (let attempt = first; ; attempt++) {
        const lease = target.pool.tryAcquire() ?? (await target.pool.acquire(call.deadline, call.hangUp))
        call.take(lease)
        try {
          const response = await supervise(lease.instance, sent, call, target.limits.timeout_ms)
          if (!call.ended) call.watchTail()
          return response
        } catch (error) {
          call.settled()
          if (trouble() !== null || !repeatable(call, request, error) || attempt >= ATTEMPTS) throw error
        }
      }
    } catch (error) {
      return failed(call, trouble() ?? error)
    }
  }

  const failed = async (call: OneCall, error: unknown): Promise<Response> => {
    const explained = await explain(error, call.target, options.sourceMapOf)
    if (explained.code === 'internal') options.onError(error, call.requestId)
    return call.refuse(explained)
  }

  return {
    call(request, path, peer, only) {
      const began = performance.now()
      const given = request.headers.get('x-request-id')
      const requestId = given !== null && WELL_FORMED_ID.test(given) ? given : crypto.randomUUID()
      if (options.draining()) return Promise.resolve(refuse(draining(), requestId, began))
      const { method } = request
      const match = targets.match(path, method)
      if (match.kind === 'found') {
        const target = match.value
        if (only === undefined || target.deployment.runtime === only) {
          const call = new OneCall(request, target, match.params, requestId, peer, began, options.recorded)
          if (call.depth >= MAX_DEPTH) return Promise.resolve(call.refuse(looped(call)))
          const answer = hasBody(request) ? patient(call, request) : quick(call, request)
          return wantsEnvelope(target, request)
            ? answer.then((response) => asEnvelope(response, target.limits.timeout_ms))
            : answer
        }
      } else if (match.kind === 'wrong_method') {
        return Promise.resolve(wrongMethod(method, path, match.allow, requestId, began))
      }
      return Promise.resolve(refuse(notFound(path, only), requestId, began))
    },
  }
}

/** Nothing of the first try has reached anyone, and trying again is allowed: a sibling's death costs no answer. */
function repeatable(call: OneCall, request: Request, error: unknown): boolean {
  if (!(error instanceof InstanceGone)) return false
  if (!error.delivered) {
    // It takes nothing any more, although its pool has not heard of its end.
    if (call.lease !== null) call.target.pool.quarantine(call.lease.slot)
    return !call.hangUp.gone
  }
  const { reason } = error.exit
  const own = reason === 'memory' || reason === 'cpu' || reason === 'crash'
  return (
    !own && !call.answered && call.body !== undefined && IDEMPOTENT.has(request.method) && !call.hangUp.gone
  )
}

function wrongMethod(
  method: string,
  path: string,
  allow: string[],
  requestId: string,
  began: number,
): Response {
  if (method === 'OPTIONS') {
    const headers: Record<string, string> = { allow: allow.join(', ') }
    receiptHeaders(bareReceipt(requestId, 200, began), headers)
    return new Response(null, { status: 204, headers })
  }
  const detail = `Cannot ${method} "${path}": it takes ${allow.join(', ')}`
  return refuse(new GatewayError('method_not_allowed', detail, { allow }), requestId, began)
}

function notFound(path: string, only: string | undefined): GatewayError {
  const where = only === undefined ? 'No deployed callback' : `No callback deployed on ${only}`
  return new GatewayError('not_found', `${where} has the path "${path}": register and deploy one`)
}

function looped(call: OneCall): GatewayError {
  const detail = `Cannot call "${call.path}": ${call.depth} functions have called one another to get here, at most ${MAX_DEPTH} may: end the recursion`
  return new GatewayError('loop_detected', detail, { callback_id: call.target.deployment.callback_id })
}

function draining(): GatewayError {
  const detail = 'Cannot take the call: the gateway is shutting down: send it again in a moment'
  return new GatewayError('draining', detail, { retry_after: 1 })
}

/** The answer to a call that no callback was found for. */
function refuse(error: GatewayError, requestId: string, began: number): Response {
  const failure = failureOf(error)
  const headers = problemHeaders(failure, requestId, { api: true })
  receiptHeaders(bareReceipt(requestId, lambdaStatusOf(failure), began), headers)
  const document = problemDocument(failure, requestId, { api: true })
  return new Response(JSON.stringify(document), { status: error.status, headers })
}

function bareReceipt(requestId: string, lambdaStatus: number, began: number): Receipt {
  const phases = { total: roundMs(performance.now() - began) }
  return { requestId, lambdaStatus, version: null, start: null, phases }
}
