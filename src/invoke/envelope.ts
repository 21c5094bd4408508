import type { Target } from './targets.ts'

const ENVELOPE_TYPE = 'application/vnd.lambda.envelope+json'

/** Does this caller get `{lambdaStatusCode, body}` with HTTP 200 whatever happened? */
export function wantsEnvelope(target: Target, request: Request): boolean {
  if (target.deployment.response_mode === 'envelope') return true
  return request.headers.get('accept')?.includes(ENVELOPE_TYPE) ?? false
}

/** Wraps an answer: JSON as JSON, text as text, anything else as base64. */
export async function asEnvelope(response: Response): Promise<Response> {
  const status = Number(response.headers.get('x-lambda-status-code'))
  const bytes = new Uint8Array(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? ''
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const name of [
    'x-request-id',
    'x-lambda-status-code',
    'x-callback-version',
    'x-faas-start',
    'server-timing',
  ]) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  const body = status === 200 ? readable(bytes, type) : problemBody(bytes)
  return new Response(JSON.stringify({ lambdaStatusCode: status, body }), { status: 200, headers })
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
