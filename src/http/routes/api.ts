import { GatewayError } from '../../errors.ts'
import type { AppDeps, HostContext } from '../deps.ts'
import { createCorsPolicy } from '../middleware/cors.ts'
import { requestIdOf } from '../middleware/request-id.ts'
import { problemResponse } from '../problem.ts'

/** Longest address the gateway takes, in characters. */
export const MAX_URL = 8192

/** Answers a request under /api. */
export type ApiHandler = (request: Request, host: HostContext) => Promise<Response>

/**
 * The way of a call to the invoker. Nothing stands in between unless it is configured: this is the hot path.
 */
export function createApiHandler(deps: AppDeps): ApiHandler {
  const { invoker } = deps
  const policy = createCorsPolicy(deps.config.corsOrigins)
  const call: ApiHandler = (request, host) => {
    const { url } = request
    if (url.length > MAX_URL) return Promise.resolve(refuse(request, tooLong(url)))
    const path = pathBehindApi(url)
    if (path === 'kube' || path.startsWith('kube/')) {
      return invoker.call(request, path.slice('kube/'.length), deps.peer(host), 'kube')
    }
    return invoker.call(request, path, deps.peer(host))
  }
  if (!policy.enabled) return call
  return async (request, host) =>
    policy.preflight(request) ?? policy.apply(request, mutable(await call(request, host)))
}

/** True for an address that is certainly under /api; the router finds the odd spellings. */
export function isPlainApi(url: string): boolean {
  return url.startsWith('/api/', url.indexOf('/', 8))
}

/** What stands behind /api/, as it came: still percent-encoded, without the query. */
function pathBehindApi(url: string): string {
  const start = url.indexOf('/', url.indexOf('/', 8) + 1)
  const query = url.indexOf('?', 8)
  if (start === -1 || (query !== -1 && query < start)) return ''
  return query === -1 ? url.slice(start + 1) : url.slice(start + 1, query)
}

/** The error of an address that is longer than anyone needs. */
export function tooLong(url: string): GatewayError {
  return new GatewayError(
    'uri_too_long',
    `Cannot take an address of ${url.length} characters: at most ${MAX_URL} are allowed; send data in the body`,
  )
}

function refuse(request: Request, error: GatewayError): Response {
  const response = problemResponse(error, requestIdOf(request.headers), { api: true })
  response.headers.set('server-timing', 'total;dur=0')
  return response
}

/** Headers of a response that came from `fetch` cannot be changed. */
function mutable(response: Response): Response {
  return new Response(response.body, response)
}
