import { readDataUrl } from './data-url.ts'
import { FetchExchange, type FetchedHead } from './fetch-exchange.ts'
import type { Environment } from './guest.ts'
import { IncomingBody } from './incoming-body.ts'
import type { OutgoingRequest } from './platform.ts'

const { URL } = globalThis
const PromiseClass = Promise
const MAX_REDIRECTS = 20
const MAX_ID = 0xffff_ffff
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const BODY_HEADERS = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])
/** What one origin is told does not concern the next. */
const PRIVATE_HEADERS = new Set(['authorization', 'cookie', 'host', 'proxy-authorization'])

interface Fetched {
  readonly head: FetchedHead
  readonly body: IncomingBody
}

/**
 * The author's `fetch`.
 * @param owner request id of the call that a fetch belongs to, or empty
 * @param exchanges where open exchanges are kept by their ids, which are odd
 */
export function createFetch(
  environment: Environment,
  owner: () => string,
  exchanges: Map<number, FetchExchange>,
) {
  const { platform } = environment
  let next = 1

  function freeId(): number {
    let id = next
    while (exchanges.has(id)) id = id + 2 > MAX_ID ? 1 : id + 2
    next = id + 2 > MAX_ID ? 1 : id + 2
    return id
  }

  function exchange(request: OutgoingRequest, requestId: string): Promise<Fetched> {
    return new PromiseClass((resolve, reject) => {
      const id = freeId()
      const one = new FetchExchange(environment, id, request, {
        requestId,
        answered: (head, body) => resolve({ head, body }),
        failed: reject,
        finished: () => exchanges.delete(id),
      })
      exchanges.set(id, one)
      one.start()
    })
  }

  async function follow(first: OutgoingRequest, requestId: string): Promise<Response> {
    let request = first
    for (let redirects = 0; ; redirects++) {
      const { head, body } = await exchange(request, requestId)
      const location = redirectOf(head, first.redirect)
      if (location === null) {
        const { status, headers, statusText = '' } = head
        return platform.response(
          { status, statusText, headers, url: request.url, redirected: redirects > 0 },
          body,
        )
      }
      body.discard('redirected')
      if (first.redirect === 'error')
        throw new TypeError(`fetch failed: ${request.url} redirects, and redirect is "error"`)
      if (redirects === MAX_REDIRECTS)
        throw new TypeError(`fetch failed: ${first.url} redirects more than ${MAX_REDIRECTS} times`)
      request = redirected(request, location, head.status)
    }
  }

  return function fetch(input: unknown, init?: unknown): Promise<Response> {
    try {
      const request = platform.outgoing(input, init)
      if (request.signal?.aborted) return PromiseClass.reject(request.signal.reason)
      if (request.url.startsWith('data:')) return PromiseClass.resolve(fromDataUrl(request))
      if (!/^https?:/.test(request.url))
        throw new TypeError(
          `fetch failed: only http, https and data addresses can be fetched: it is "${request.url}"`,
        )
      return follow(request, owner())
    } catch (error) {
      return PromiseClass.reject(error)
    }
  }

  function fromDataUrl(request: OutgoingRequest): Response {
    const { type, bytes } = readDataUrl(request.url)
    const head = { status: 200, statusText: 'OK', headers: [['content-type', type] as [string, string]] }
    return platform.response({ ...head, url: request.url, redirected: false }, new IncomingBody(bytes, null))
  }
}

function redirectOf(head: FetchedHead, mode: string): string | null {
  if (mode === 'manual' || !REDIRECTS.has(head.status)) return null
  return head.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? null
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: OutgoingRequest, location: string, status: number): OutgoingRequest {
  let url: URL
  try {
    url = new URL(location, request.url)
  } catch {
    throw new TypeError(`fetch failed: ${request.url} redirects to "${location}", which is not an address`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(
      `fetch failed: ${request.url} redirects to "${url.href}", which is neither http nor https`,
    )
  let { method, body, headers } = request
  const dropsBody =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST')
  if (dropsBody) {
    method = 'GET'
    body = null
    headers = headers.filter(([name]) => !BODY_HEADERS.has(name.toLowerCase()))
  } else if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new TypeError(
      `fetch failed: ${request.url} redirects, and a body that is a stream cannot be sent again`,
    )
  if (url.origin !== new URL(request.url).origin)
    headers = headers.filter(([name]) => !PRIVATE_HEADERS.has(name.toLowerCase()))
  return { ...request, url: url.href, method, body, headers }
}
