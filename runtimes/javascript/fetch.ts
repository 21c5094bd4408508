import { readDataUrl } from './data-url.ts'
import type { OpenExchanges } from './exchanges.ts'
import { FetchExchange, type FetchedHead } from './fetch-exchange.ts'
import { checked } from './fetch-integrity.ts'
import { redirected, redirectOf } from './fetch-redirect.ts'
import type { Environment } from './guest.ts'
import { IncomingBody } from './incoming-body.ts'
import type { OutgoingRequest, ResponseHead } from './platform.ts'

const { ReadableStream } = globalThis
const PromiseClass = Promise
const MAX_REDIRECTS = 20

interface Fetched {
  readonly head: FetchedHead
  readonly body: IncomingBody
}

/**
 * The author's `fetch`.
 * @param owner request id of the call that a fetch belongs to, or empty
 */
export function createFetch(environment: Environment, owner: () => string, exchanges: OpenExchanges) {
  const { platform } = environment

  function exchange(request: OutgoingRequest, requestId: string): Promise<Fetched> {
    return new PromiseClass((resolve, reject) => {
      const answered = (head: FetchedHead, body: IncomingBody) => resolve({ head, body })
      exchanges
        .add(
          (id, finished) =>
            new FetchExchange(environment, id, request, { requestId, answered, failed: reject, finished }),
        )
        .start()
    })
  }

  async function follow(first: OutgoingRequest, requestId: string): Promise<Response> {
    let request = first
    for (let redirects = 0; ; redirects++) {
      const { head, body } = await exchange(request, requestId)
      const location = redirectOf(head, first.redirect)
      if (location === null) {
        const { status, headers, statusText = '' } = head
        const described = { status, statusText, headers, url: request.url, redirected: redirects > 0 }
        return respond(request, described, body)
      }
      body.discard('redirected')
      if (first.redirect === 'error')
        throw new TypeError(`fetch failed: ${request.url} redirects, and redirect is "error"`)
      if (redirects === MAX_REDIRECTS)
        throw new TypeError(`fetch failed: ${first.url} redirects more than ${MAX_REDIRECTS} times`)
      request = redirected(request, location, head.status)
    }
  }

  async function respond(
    request: OutgoingRequest,
    head: ResponseHead,
    body: IncomingBody,
  ): Promise<Response> {
    const { method, integrity, signal, url } = request
    if (method === 'HEAD') return platform.response(head, null, signal)
    const content = integrity === '' ? body : await checked(body, integrity, url)
    return platform.response(head, content, signal)
  }

  async function fromDataUrl(request: OutgoingRequest): Promise<Response> {
    const { type, bytes } = readDataUrl(request.url)
    const headers: ResponseHead['headers'] = [['content-type', type]]
    const head = { status: 200, statusText: 'OK', headers, url: request.url, redirected: false }
    return respond(request, head, new IncomingBody(bytes, null))
  }

  return function fetch(input: unknown, init?: unknown): Promise<Response> {
    try {
      const request = platform.outgoing(input, init)
      if (request.signal?.aborted) {
        const { reason } = request.signal
        if (request.body instanceof ReadableStream) request.body.cancel(reason).catch(() => undefined)
        return PromiseClass.reject(reason)
      }
      if (request.url.startsWith('data:')) return fromDataUrl(request)
      if (!/^https?:/.test(request.url))
        throw new TypeError(
          `fetch failed: only http, https and data addresses can be fetched: it is "${request.url}"`,
        )
      return follow({ ...request, headers: withDefaults(request.headers) }, owner())
    } catch (error) {
      return PromiseClass.reject(error)
    }
  }
}

/** https://fetch.spec.whatwg.org/#concept-fetch sends these where the author says nothing else. */
function withDefaults(headers: OutgoingRequest['headers']): OutgoingRequest['headers'] {
  const defaults: OutgoingRequest['headers'] = [
    ['accept', '*/*'],
    ['accept-language', '*'],
    ['user-agent', String(globalThis.navigator?.userAgent ?? '')],
  ]
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  return [...headers, ...defaults.filter(([name, value]) => !given.has(name) && value !== '')]
}
