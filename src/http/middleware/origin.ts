import type { MiddlewareHandler } from 'hono'
import type { Config } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import type { AppEnv } from '../deps.ts'
import type { CorsPolicy } from './cors.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Without a token anyone who reaches the gateway may deploy code, and a browser on the same machine reaches it
 * for every page it shows: a page can post JSON as text/plain without a preflight, and open a WebSocket to
 * anywhere. So changes and sockets that come from a page need one of the gateway's own origin or of an origin
 * that FAAS_CORS_ORIGINS names. On loopback the own origin has a loopback name, or a name that was rebound to
 * 127.0.0.1 would pass. With a token nothing of this is needed: no browser sends it by itself.
 */
export function originGuard(config: Config, policy: CorsPolicy): MiddlewareHandler<AppEnv> {
  const loopbackOnly = LOOPBACK.test(config.host) || config.host === '::1'
  return async function originGuard(c, next) {
    const origin = c.req.header('origin')
    const upgrade = c.req.header('upgrade') !== undefined
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (origin !== undefined && (changes || upgrade) && !policy.allows(origin) && !isOwn(origin, c.req.url)) {
      throw new GatewayError(
        'origin_refused',
        `Cannot ${c.req.method} ${c.req.path} for a page of ${origin}: name that origin in FAAS_CORS_ORIGINS`,
      )
    }
    await next()
  }

  function isOwn(origin: string, url: string): boolean {
    if (!URL.canParse(origin)) return false
    const page = new URL(origin)
    return page.host === new URL(url).host && (!loopbackOnly || LOOPBACK.test(page.hostname))
  }
}
