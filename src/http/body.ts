import { GatewayError } from '../errors.ts'
import { parseJson } from './json-text.ts'
import { decodeUtf8 } from './utf8.ts'

export interface BodyBounds {
  readonly maxBytes: number
  /** Longest pause between two chunks. Milliseconds. */
  readonly idleMs: number
}

/**
 * Reads a request's body as JSON, whatever its content type says.
 * @throws GatewayError body_too_large, body_timeout, client_closed, malformed_json, invalid
 */
export async function readJson(request: Request, bounds: BodyBounds): Promise<unknown> {
  return parseJson(decodeUtf8(await readBytes(request, bounds)))
}

/** Counts what really arrives: a declared length is a hint, and a chunked body has none. */
async function readBytes(request: Request, { maxBytes, idleMs }: BodyBounds): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  if (request.body === null) return new Uint8Array(0)
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await withIdleBound(reader.read(), idleMs)
      if (done) return joined(chunks, size)
      size += value.byteLength
      if (size > maxBytes) throw tooLarge(maxBytes)
      chunks.push(value)
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    if (error instanceof GatewayError) throw error
    throw new GatewayError(
      'client_closed',
      'Cannot read the body: the connection ended before it did',
      {},
      error,
    )
  }
}

async function withIdleBound<T>(read: Promise<T>, idleMs: number): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooSlow(idleMs)), idleMs)
  // The read may still fail after the bound has won the race.
  read.catch(() => {})
  try {
    return await Promise.race([read, expired])
  } finally {
    clearTimeout(timer)
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'body_too_large',
    `Cannot read the body: it has more than ${maxBytes} bytes; send less, or raise FAAS_MAX_BODY_BYTES`,
    { max_bytes: maxBytes },
  )
}

function tooSlow(idleMs: number): GatewayError {
  return new GatewayError(
    'body_timeout',
    `Cannot read the body: nothing arrived for ${idleMs} ms; send it without pauses, or raise FAAS_BODY_TIMEOUT_MS`,
  )
}
