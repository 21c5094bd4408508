import { GatewayError } from '../errors.ts'

/** A body up to this is read before an instance is taken, so that a slow client holds none. */
export const READ_AHEAD = 65_536

export interface BodyLimits {
  readonly maxBytes: number
  /** Longest pause between two pieces. Milliseconds. */
  readonly idleMs: number
}

/** The body of a request: whole (null: none), or undefined with the request to stream it from. */
export interface CallBody {
  readonly whole: Uint8Array | null | undefined
  readonly request: Request
  /** Why the client failed to deliver, once it has. */
  readonly trouble: () => GatewayError | null
  /** Whether the next piece is being waited for. */
  readonly starved: () => boolean
}

const FINE = () => null
const NEVER = () => false

/** Methods whose body means nothing (RFC 9110 section 9.3); a Request that has one cannot even be made. */
const BODILESS = /^(GET|HEAD|TRACE|TRACK)$/i

/** Requests without a body, the common case, cost nothing here. */
export function hasBody(request: Request): boolean {
  const { method } = request
  if (method === 'GET' || method === 'HEAD' || (method !== 'POST' && BODILESS.test(method))) return false
  const length = request.headers.get('content-length')
  if (length !== null) return length !== '0'
  return request.headers.get('transfer-encoding') !== null || request.body !== null
}

/** @throws GatewayError body_too_large, body_timeout, client_closed */
export async function readBody(request: Request, limits: BodyLimits): Promise<CallBody> {
  const length = request.headers.get('content-length')
  const bytes = length === null ? Number.NaN : Number(length)
  if (bytes > limits.maxBytes) throw tooLarge(limits.maxBytes)
  if (bytes <= READ_AHEAD)
    return { whole: await readWhole(request, limits), request, trouble: FINE, starved: NEVER }
  return streamBody(request, limits)
}

async function readWhole(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(stalled(limits.idleMs)), limits.idleMs)
  })
  try {
    return new Uint8Array(await Promise.race([request.arrayBuffer(), late]))
  } catch (error) {
    throw error instanceof GatewayError ? error : hungUp()
  } finally {
    clearTimeout(timer)
  }
}

function streamBody(request: Request, limits: BodyLimits): CallBody {
  const source = request.body
  if (source === null) return { whole: null, request, trouble: FINE, starved: NEVER }
  const reader = source.getReader()
  let seen = 0
  let waiting = false
  let trouble: GatewayError | null = null
  const fail = (error: GatewayError, controller: ReadableStreamDefaultController<Uint8Array>) => {
    trouble ??= error
    controller.error(error)
    reader.cancel(error).catch(() => undefined)
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const timer = setTimeout(() => fail(stalled(limits.idleMs), controller), limits.idleMs)
        try {
          waiting = true
          const { done, value } = await reader.read()
          waiting = false
          if (trouble !== null) return
          if (done) {
            controller.close()
            return
          }
          seen += value.length
          if (seen > limits.maxBytes) fail(tooLarge(limits.maxBytes), controller)
          else controller.enqueue(value)
        } catch {
          if (trouble === null) fail(hungUp(), controller)
        } finally {
          clearTimeout(timer)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return {
    whole: undefined,
    request: withBody(request, stream),
    trouble: () => trouble,
    starved: () => waiting,
  }
}

/** The same request around another stream: drivers read `method`, `url`, `headers` and `body` only. */
function withBody(request: Request, body: ReadableStream<Uint8Array>): Request {
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    body,
    duplex: 'half',
  }
  return new Request(request.url, init)
}

function tooLarge(max: number): GatewayError {
  return new GatewayError(
    'body_too_large',
    `Cannot take the body: it is larger than the ${max} bytes that FAAS_MAX_CALL_BODY_BYTES allows`,
  )
}

function stalled(ms: number): GatewayError {
  return new GatewayError(
    'body_timeout',
    `Cannot take the body: nothing came for ${ms} ms: send it without pauses`,
  )
}

function hungUp(): GatewayError {
  return new GatewayError('client_closed', 'Cannot take the body: the client hung up before its end')
}
