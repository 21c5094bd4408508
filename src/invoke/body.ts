import { GatewayError } from '../errors.ts'
import { WHOLE } from '../runtime/wire.ts'

/** A body up to this is always read before an instance is taken, in one go. */
const SMALL = 65_536
/** Larger ones up to `WHOLE` are read before as well while those under way come to no more than this. */
const AHEAD = 67_108_864

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

/**
 * Reads bodies before an instance is taken, so that a slow client holds none; those that are large or of unknown
 * length are streamed. What it answers with throws GatewayError body_too_large, body_timeout, client_closed.
 */
export function createBodyReader(limits: BodyLimits): (request: Request) => Promise<CallBody> {
  let ahead = 0

  return async (request) => {
    const length = request.headers.get('content-length')
    const bytes = length === null ? Number.NaN : Number(length)
    if (bytes > limits.maxBytes) throw tooLarge(limits.maxBytes)
    if (bytes <= SMALL) return wholeBody(request, await readSmall(request, limits))
    if (!(bytes <= WHOLE) || ahead + bytes > AHEAD || request.body === null)
      return streamBody(request, limits)
    ahead += bytes
    try {
      return wholeBody(request, await readPieces(request.body, bytes, limits))
    } finally {
      ahead -= bytes
    }
  }
}

function wholeBody(request: Request, whole: Uint8Array): CallBody {
  return { whole, request, trouble: FINE, starved: NEVER }
}

async function readSmall(request: Request, limits: BodyLimits): Promise<Uint8Array> {
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

/** A larger one may take its time, as long as it keeps coming. */
async function readPieces(
  body: ReadableStream<Uint8Array>,
  length: number,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const whole = new Uint8Array(length)
  const reader = body.getReader()
  let filled = 0
  let late: GatewayError | null = null
  const giveUp = () => {
    late = stalled(limits.idleMs)
    reader.cancel(late).catch(() => undefined)
  }
  let timer = setTimeout(giveUp, limits.idleMs)
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      whole.set(step.value, filled)
      filled += step.value.length
      clearTimeout(timer)
      timer = setTimeout(giveUp, limits.idleMs)
    }
  } catch {
    throw late ?? hungUp()
  } finally {
    clearTimeout(timer)
  }
  if (late !== null) throw late
  if (filled < length) throw hungUp()
  return whole
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
