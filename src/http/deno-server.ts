import type { Context } from 'hono'
import { getConnInfo, upgradeWebSocket } from 'hono/deno'
import type { Peer } from '../invoke/invoker.ts'
import type { AppDeps, HostContext } from './deps.ts'
import type { Listening } from './node-server.ts'

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>

/** hono's WebSocket helper for this host. */
export const denoUpgrade = upgradeWebSocket as AppDeps['upgradeWebSocket']

/** Reads the caller from what Deno's server passes beside a request. */
export function denoPeer(host: HostContext): Peer {
  return { ip: host.env === undefined ? '' : (getConnInfo(host as Context).remote.address ?? '') }
}

/** Serves on Deno. @throws Deno.errors.AddrInUse and the like */
export async function serveDeno(fetch: Fetch, host: string, port: number): Promise<Listening> {
  const server = Deno.serve({ hostname: host, port, onListen: () => undefined }, (request, info) => {
    const answer = fetch(request, info)
    return request.method === 'HEAD' ? Promise.resolve(answer).then(withoutLength) : answer
  })
  return { port: server.addr.port, close: () => server.shutdown() }
}

/** Of an answer without a body Deno says that it is 0 bytes long: to a HEAD that would speak of the GET. */
function withoutLength(answer: Response): Response {
  const bodiless = answer.status === 204 || answer.status === 205 || answer.status === 304
  if (bodiless || answer.body !== null || answer.headers.has('content-length')) return answer
  return new Response(new ReadableStream({ start: (controller) => controller.close() }), answer)
}
