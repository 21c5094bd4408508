import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../deps.ts'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
const PREFLIGHT_SECONDS = '600'
const EXPOSED = [
  'x-request-id',
  'x-lambda-status-code',
  'x-callback-version',
  'x-faas-start',
  'server-timing',
  'retry-after',
  'allow',
].join(', ')

/** What cross-origin pages may do, decided once from the configured origins. */
export interface CorsPolicy {
  /** True when any page of another origin may call at all. */
  readonly enabled: boolean
  allows(origin: string): boolean
  /** The answer to a preflight, or null when the request is none. */
  preflight(request: Request): Response | null
  /** Lets the page behind a request read this answer. */
  apply(request: Request, response: Response): Response
}

/** `*` allows every origin, without credentials; named origins may send them. */
export function createCorsPolicy(origins: readonly string[]): CorsPolicy {
  const any = origins.includes('*')
  const named = new Set(origins)
  const allows = (origin: string) => any || named.has(origin)
  const grants = (origin: string | null): [string, string][] => {
    const vary: [string, string][] = any ? [] : [['vary', 'origin']]
    if (origin === null || !allows(origin)) return vary
    if (any) return [['access-control-allow-origin', '*']]
    return [...vary, ['access-control-allow-origin', origin], ['access-control-allow-credentials', 'true']]
  }

  return {
    enabled: origins.length > 0,
    allows,
    preflight(request) {
      const origin = request.headers.get('origin')
      const wanted = request.headers.get('access-control-request-method')
      if (request.method !== 'OPTIONS' || origin === null || wanted === null) return null
      const headers = new Headers(grants(origin))
      if (!allows(origin)) return new Response(null, { status: 204, headers })
      headers.set('access-control-allow-methods', METHODS)
      headers.set('access-control-max-age', PREFLIGHT_SECONDS)
      const asked = request.headers.get('access-control-request-headers')
      if (asked !== null) headers.set('access-control-allow-headers', asked)
      headers.append('vary', 'access-control-request-method, access-control-request-headers')
      return new Response(null, { status: 204, headers })
    },
    apply(request, response) {
      // A function that speaks of CORS itself has the last word about its own answers.
      if (response.headers.has('access-control-allow-origin')) return response
      for (const [name, value] of grants(request.headers.get('origin'))) {
        if (name === 'vary') response.headers.append(name, value)
        else response.headers.set(name, value)
      }
      if (response.headers.has('access-control-allow-origin')) {
        response.headers.set('access-control-expose-headers', EXPOSED)
      }
      return response
    },
  }
}

/** CORS for the management API. Stands before auth: a preflight carries no token. */
export function cors(policy: CorsPolicy): MiddlewareHandler<AppEnv> {
  return async function cors(c, next) {
    const preflight = policy.preflight(c.req.raw)
    if (preflight !== null) return preflight
    await next()
    // Browsers ask no leave for a WebSocket, and after an upgrade Deno does not let the request be read.
    if (c.res.status !== 101) policy.apply(c.req.raw, c.res)
  }
}
