import type { CallHead } from '../../src/runtime/wire.ts'
import { type Answer, type HeaderList, type OutgoingBody, Unsendable } from './answer.ts'
import type { IncomingBody } from './incoming-body.ts'

/** A request of the author's own, ready to be sent. */
export interface OutgoingRequest {
  method: string
  url: string
  headers: HeaderList
  body: OutgoingBody
  redirect: string
  /** Hashes that the answer's body must have one of, or empty. */
  integrity: string
  signal: AbortSignal | null
}

/** What is known of a fetched response before its body. */
export interface ResponseHead {
  status: number
  statusText: string
  headers: HeaderList
  url: string
  redirected: boolean
}

/** The web classes as the guest needs them: the host's own, or faster ones with a short way in. */
export interface Platform {
  /** @param signal makes the call's signal on first use */
  request(head: CallHead, body: IncomingBody, signal: () => AbortSignal): Request
  /** The parts of a `Response`; null for anything else. @throws Unsendable for one that cannot be sent */
  answer(value: unknown): Answer | null
  /** Reads what `fetch` was called with. */
  outgoing(input: unknown, init: unknown): OutgoingRequest
  /**
   * @param body null where there can be none
   * @param signal once it is aborted the body cannot be read any more
   */
  response(head: ResponseHead, body: IncomingBody | null, signal: AbortSignal | null): Response
}

const NULL_BODY = new Set([101, 103, 204, 205, 304])

/** The platform of a host that has the web classes itself. */
export function standardPlatform(): Platform {
  const { Request, Response } = globalThis

  return {
    request(head, body, signal) {
      const init: RequestInit & { duplex?: 'half' } = {
        method: head.method,
        headers: head.headers,
        signal: signal(),
      }
      // The constructor refuses a body here, and HTTP gives it no meaning.
      const bodiless = head.method === 'GET' || head.method === 'HEAD'
      if (!bodiless && !body.empty) {
        init.body = (body.whole as Uint8Array<ArrayBuffer> | null) ?? body.stream()
        init.duplex = 'half'
      }
      return new Request(head.url, init)
    },

    answer(value) {
      if (!(value instanceof Response) && !looksLikeResponse(value)) return null
      if (value.bodyUsed || value.body?.locked)
        throw new Unsendable('Cannot send the answer: the body of the Response was already read')
      if (value.status < 200 || value.status > 599)
        throw new Unsendable(
          `Cannot send the answer: the status of the Response is ${value.status}, it must be 200 to 599`,
        )
      return { status: value.status, headers: [...value.headers], body: value.body }
    },

    outgoing(input, init) {
      const request = new Request(input as Request, init as RequestInit)
      return {
        method: request.method,
        url: request.url,
        headers: [...request.headers],
        body: plainBody(init) ?? request.body,
        redirect: request.redirect ?? 'follow',
        integrity: request.integrity ?? '',
        signal: hasSignal(input, init) ? request.signal : null,
      }
    },

    response(head, body, signal) {
      const { status, statusText, headers, url, redirected } = head
      const content = NULL_BODY.has(status) || body === null ? null : contentOf(body, signal)
      const response = new Response(content, { status, statusText, headers })
      Object.defineProperty(response, 'url', { value: url, enumerable: true })
      Object.defineProperty(response, 'redirected', { value: redirected, enumerable: true })
      return response
    },
  }
}

/** Every Request of the host has a signal, and few of them mean something. */
function hasSignal(input: unknown, init: unknown): boolean {
  const given = (init as RequestInit | null | undefined)?.signal
  return given === undefined ? input instanceof globalThis.Request : given !== null
}

/** Bytes that are here already cannot be taken back: a stream of them can, until it was read. */
function contentOf(
  body: IncomingBody,
  signal: AbortSignal | null,
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> {
  if (body.whole === null) return body.stream()
  const bytes = body.whole as Uint8Array<ArrayBuffer>
  if (signal === null || body.empty) return bytes
  let onAbort: () => void
  return new ReadableStream(
    {
      start(controller) {
        onAbort = () => controller.error(signal.reason)
        signal.addEventListener('abort', onAbort)
      },
      pull(controller) {
        signal.removeEventListener('abort', onAbort)
        controller.enqueue(bytes)
        controller.close()
      },
      cancel: () => signal.removeEventListener('abort', onAbort),
    },
    { highWaterMark: 0 },
  )
}

/** A body that can be sent again when a redirect asks for it. */
function plainBody(init: unknown): OutgoingBody {
  const body: unknown = (init as RequestInit | null | undefined)?.body
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? body.slice() : null
}

/** A `Response` from a polyfill or another realm. */
export function looksLikeResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const candidate = value as Partial<Response>
  return (
    typeof candidate.status === 'number' &&
    typeof candidate.arrayBuffer === 'function' &&
    typeof candidate.headers?.get === 'function' &&
    typeof candidate.headers[Symbol.iterator] === 'function'
  )
}
