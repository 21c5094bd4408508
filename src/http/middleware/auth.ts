import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { GatewayError } from '../../errors.ts'
import type { AppEnv } from '../deps.ts'

/**
 * Asks for the admin token. It comes as `authorization: Bearer TOKEN`; a browser's WebSocket, which cannot set
 * that header, offers the subprotocols `bearer` and the token (or its base64url form, for a token with
 * characters that a subprotocol cannot have).
 */
export function auth(adminToken: string): MiddlewareHandler<AppEnv> {
  const expected = digest(adminToken)
  // Digests have one length, so the time of the comparison tells nothing of the token.
  const matches = (token: string) => timingSafeEqual(digest(token), expected)
  return async function auth(c, next) {
    const header = c.req.header('authorization')
    const given = header === undefined ? offered(c.req.header('sec-websocket-protocol')) : bearer(header)
    if (!given.some(matches)) {
      throw new GatewayError(
        'unauthorized',
        given.length === 0
          ? `Cannot ${c.req.method} ${c.req.path} without a token: send "authorization: Bearer TOKEN"`
          : `Cannot ${c.req.method} ${c.req.path} with that token: send the value of FAAS_ADMIN_TOKEN`,
      )
    }
    await next()
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function bearer(header: string): string[] {
  const token = /^bearer +(.+)$/i.exec(header)?.[1]
  return token === undefined ? [] : [token]
}

function offered(protocols: string | undefined): string[] {
  const [scheme, token] = protocols?.split(',').map((part) => part.trim()) ?? []
  if (scheme !== 'bearer' || token === undefined) return []
  return [token, Buffer.from(token, 'base64url').toString()]
}
