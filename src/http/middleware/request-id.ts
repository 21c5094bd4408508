import type { MiddlewareHandler } from 'hono'
import type { AppDeps, AppEnv } from '../deps.ts'

const WELL_FORMED = /^[A-Za-z0-9._:-]{1,128}$/

/** The caller's own request id where it is well formed, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id')
  return given !== null && WELL_FORMED.test(given) ? given : crypto.randomUUID()
}

/** Gives every request of the management API its id, the answer the headers all of them have, and the log a line. */
export function requestId(deps: Pick<AppDeps, 'log'>): MiddlewareHandler<AppEnv> {
  return async function requestId(c, next) {
    const id = requestIdOf(c.req.raw.headers)
    const began = performance.now()
    c.set('requestId', id)
    await next()
    const { status } = c.res
    const ms = Math.round((performance.now() - began) * 10) / 10
    deps.log('debug', 'request', { request_id: id, method: c.req.method, path: c.req.path, status, ms })
    // On Deno the answer to an upgrade is one object for all of them.
    if (status === 101) return
    c.res.headers.set('x-request-id', id)
    c.res.headers.set('x-content-type-options', 'nosniff')
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  }
}
