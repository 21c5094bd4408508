import { failureOf, lambdaStatusOf, problemDocument, problemHeaders } from '../domain/problem.ts'
import { GatewayError } from '../errors.ts'
import { InstanceGone } from '../runtime/failures.ts'
import { supervise } from '../runtime/supervise.ts'
import { receiptHeaders, roundMs } from './answer.ts'
import { type BodyLimits, hasBody, readBody } from './body.ts'
import { OneCall, type Recorded } from './call.ts'
import { asEnvelope, wantsEnvelope } from './envelope.ts'
import { explain, type SourceMapOf } from './failure.ts'
import type { Invoker, Peer } from './invoker.ts'
import type { Target, Targets } from './targets.ts'

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

  const run = async (call: OneCall, request: Request): Promise<Response> => {
    const { target } = call
    let sent = request
    let trouble: () => GatewayError | null = () => null
    if (hasBody(request)) {
      const body = await readBody(request, options.body)
      call.body = body.whole
      sent = body.request
      trouble = body.trouble
    }
    for (let attempt = 1; ; attempt++) {
      call.take(target.pool.tryAcquire() ?? (await target.pool.acquire(call.deadline, call.signal)))
      try {
        const response = await supervise(call.lease!.instance, sent, call, target.limits.timeout_ms)
        if (!call.ended) call.watchTail()
        return response
      } catch (error) {
        call.settled()
        const cause = trouble() ?? error
        const again = cause instanceof InstanceGone && repeatable(call, request, cause) && attempt < ATTEMPTS
        if (!again) throw cause
      }
    }
  }

  const refuse = (error: GatewayError, requestId: string, began: number): Response => {
    const failure = failureOf(error)
    const headers = problemHeaders(failure, requestId, { api: true })
    const total = roundMs(performance.now() - began)
    receiptHeaders(
      { requestId, lambdaStatus: lambdaStatusOf(failure), version: null, start: null, phases: { total } },
      headers,
    )
    return new Response(JSON.stringify(problemDocument(failure, requestId, { api: true })), {
      status: error.status,
      headers,
    })
  }

  const found = async (
    target: Target,
    params: Readonly<Record<string, string>>,
    request: Request,
    requestId: string,
    peer: Peer,
    began: number,
  ) => {
    const call = new OneCall(request, target, params, requestId, peer, began, options.recorded)
    let response: Response
    try {
      response = await run(call, request)
    } catch (error) {
      const explained = await explain(error, target, options.sourceMapOf)
      if (explained.code === 'internal') options.onError(error, requestId)
      response = call.refuse(explained)
    }
    return wantsEnvelope(target, request) ? asEnvelope(response) : response
  }

  return {
    async call(request, path, peer, only) {
      const began = performance.now()
      const given = request.headers.get('x-request-id')
      const requestId = given !== null && WELL_FORMED_ID.test(given) ? given : crypto.randomUUID()
      if (options.draining())
        return refuse(
          new GatewayError(
            'draining',
            'Cannot take the call: the gateway is shutting down: send it again in a moment',
            { retry_after: 1 },
          ),
          requestId,
          began,
        )
      const match = targets.match(path, request.method)
      if (match.kind === 'found' && (only === undefined || match.value.deployment.runtime === only)) {
        return found(match.value, match.params, request, requestId, peer, began)
      }
      if (match.kind === 'wrong_method') {
        const { allow } = match
        if (request.method === 'OPTIONS') {
          const headers: Record<string, string> = { allow: allow.join(', ') }
          receiptHeaders(
            {
              requestId,
              lambdaStatus: 200,
              version: null,
              start: null,
              phases: { total: roundMs(performance.now() - began) },
            },
            headers,
          )
          return new Response(null, { status: 204, headers })
        }
        return refuse(
          new GatewayError(
            'method_not_allowed',
            `Cannot ${request.method} "${path}": it takes ${allow.join(', ')}`,
            { allow },
          ),
          requestId,
          began,
        )
      }
      const where = only === undefined ? 'No deployed callback' : `No callback deployed on ${only}`
      return refuse(
        new GatewayError('not_found', `${where} has the path "${path}": register and deploy one`),
        requestId,
        began,
      )
    },
  }
}

/** Nothing of the first try has reached anyone, and trying again is allowed: a sibling's death costs no answer. */
function repeatable(call: OneCall, request: Request, gone: InstanceGone): boolean {
  const own = gone.exit.reason === 'memory' || gone.exit.reason === 'cpu' || gone.exit.reason === 'crash'
  return (
    !own &&
    !call.answered &&
    call.body !== undefined &&
    IDEMPOTENT.has(request.method) &&
    !call.signal.aborted
  )
}
