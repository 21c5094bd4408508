import { FunctionFailure, LAMBDA_STATUS, type LambdaStatusCode } from '../domain/outcome.ts'
import { InstanceGone } from '../runtime/failures.ts'
import type { Target } from './targets.ts'

const ENVELOPE_TYPE = 'application/vnd.lambda.envelope+json'

/** Does this caller get `{lambdaStatusCode, body}` with HTTP 200 whatever happened? */
export function wantsEnvelope(target: Target, request: Request): boolean {
  if (target.deployment.response_mode === 'envelope') return true
  return request.headers.get('accept')?.includes(ENVELOPE_TYPE) ?? false
}

/** What of an answer's headers is said of the call, or of the connection. */
const KEPT = [
  'x-request-id',
  'x-callback-version',
  'x-faas-start',
  'server-timing',
  'retry-after',
  'connection',
] as const

/** Wraps an answer: JSON as JSON, text as text, anything else as base64. Never rejects. */
export async function asEnvelope(response: Response, timeoutMs: number): Promise<Response> {
  const { status, body } = await contentOf(response, timeoutMs)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-lambda-status-code': String(status),
  }
  for (const name of KEPT) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  return new Response(JSON.stringify({ lambdaStatusCode: status, body }), { status: 200, headers })
}

async function contentOf(response: Response, timeoutMs: number): Promise<{ status: number; body: unknown }> {
  const status = Number(response.headers.get('x-lambda-status-code'))
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    return brokenOff(error, timeoutMs)
  }
  const type = response.headers.get('content-type') ?? ''
  return { status, body: status === LAMBDA_STATUS.SUCCESS ? readable(bytes, type) : problemBody(bytes) }
}

/** A streamed answer that did not come to its end: nothing has been sent yet, so it can still be told. */
function brokenOff(error: unknown, timeoutMs: number): { status: LambdaStatusCode; body: string } {
  const ended =
    error instanceof InstanceGone ? error.exit : error instanceof FunctionFailure ? error.kill : null
  if (ended?.reason === 'timeout')
    return { status: LAMBDA_STATUS.TIMEOUT, body: `Process Time Out (${timeoutMs / 1000}s)` }
  const message = error instanceof Error ? error.message : String(error)
  return { status: LAMBDA_STATUS.LAMBDA_ERROR, body: message }
}

function readable(bytes: Uint8Array, type: string): unknown {
  if (bytes.length === 0) return null
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { isBase64Encoded: true, data: bytes.toBase64() }
  }
  if (!/[/+]json\b/.test(type)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Of an error, readers of the envelope get the sentence. */
function problemBody(bytes: Uint8Array): unknown {
  const problem = JSON.parse(new TextDecoder().decode(bytes)) as { body?: unknown }
  return problem.body ?? null
}
