import type { FetchedHead } from './fetch-exchange.ts'
import type { OutgoingRequest } from './platform.ts'

const { URL } = globalThis
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

/** Where an answer redirects to, as it says itself; null where it does not, or where that is left to the author. */
export function redirectOf(head: FetchedHead, mode: string): string | null {
  if (mode === 'manual' || !REDIRECTS.has(head.status)) return null
  return head.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? null
}

/** The request that a redirect asks for. https://fetch.spec.whatwg.org/#http-redirect-fetch @throws TypeError */
export function redirected(request: OutgoingRequest, location: string, status: number): OutgoingRequest {
  const url = target(request, location)
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

function target(request: OutgoingRequest, location: string): URL {
  let url: URL
  try {
    // A header is bytes: those beyond ASCII stand for themselves, whatever encoding their author had in mind.
    const escaped = location.replace(
      /[\x80-\xff]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
    )
    url = new URL(escaped, request.url)
  } catch {
    throw new TypeError(`fetch failed: ${request.url} redirects to "${location}", which is not an address`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(
      `fetch failed: ${request.url} redirects to "${url.href}", which is neither http nor https`,
    )
  // A part that names a place in the document outlives a redirect that names none.
  if (url.hash === '') url.hash = new URL(request.url).hash
  return url
}
