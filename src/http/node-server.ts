import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  createAdaptorServer,
  getRequestListener,
  type HttpBindings,
  upgradeWebSocket,
  type WebSocketServerLike,
} from '@hono/node-server'
import { WebSocketServer } from 'ws'
import { GatewayError } from '../errors.ts'
import type { Peer } from '../invoke/invoker.ts'
import { HangUp } from '../runtime/hang-up.ts'
import type { AppDeps, HostContext } from './deps.ts'
import { problemResponse } from './problem.ts'

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>

/** A server that takes connections, and its address. */
export interface Listening {
  readonly port: number
  /** Takes no more connections; resolves when every request in flight has been answered. */
  close(): Promise<void>
}

/** What a WebSocket client may send us in one message: it has nothing to say. */
const MAX_MESSAGE = 4096
const SWEEP_EVERY = 25
const HEADERS_WITHIN = 20_000
/** How long a client may go on sending after it was answered for the last time. */
const LINGER = 2000
/** Longer than the idle time of usual load balancers, so that they close first. */
const KEEP_ALIVE = 75_000

/** hono's WebSocket helper for this host. */
export const nodeUpgrade = upgradeWebSocket as AppDeps['upgradeWebSocket']

/** Reads the caller from what the Node server passes beside a request. */
export function nodePeer({ env }: HostContext): Peer {
  const bindings = env as HttpBindings | undefined
  if (bindings === undefined) return { ip: '' }
  const { incoming } = bindings
  return new NodePeer(incoming, bindings.outgoing)
}

/** Serves on Node. @throws the error of `listen`, for instance EADDRINUSE */
export function serveNode(fetch: Fetch, host: string, port: number): Promise<Listening> {
  const websockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE })
  const listener = getRequestListener(fetch, { errorHandler: malformed })
  const server = createAdaptorServer({
    fetch,
    websocket: { server: websockets as unknown as WebSocketServerLike },
    // The adaptor makes a listener of its own, which answers a malformed request with an empty 400.
    createServer: ((_options: unknown, _listener: unknown) => createServer(listener)) as typeof createServer,
  }) as Server
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => void refuse(error, socket))
  server.on('connection', lingerOnClose)
  server.headersTimeout = HEADERS_WITHIN
  // A long upload is no fault: pauses within a body are bounded where it is read.
  server.requestTimeout = 0
  server.keepAliveTimeout = KEEP_ALIVE
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve({ port: (server.address() as AddressInfo).port, close: () => close(server, websockets) })
    })
  })
}

function close(server: Server, websockets: WebSocketServer): Promise<void> {
  return new Promise((resolve) => {
    // A connection that answers its last request now is kept open by its client: it is closed once it is idle.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY)
    server.close(() => {
      clearInterval(sweep)
      resolve()
    })
    for (const client of websockets.clients) client.close(1001, 'the gateway is shutting down')
  })
}

/**
 * A connection that is closed while its client still sends is reset, and the reset may overtake the answer: so the
 * sending side is closed first, and what still comes is read for a while (RFC 9112, 9.6).
 */
function lingerOnClose(socket: Socket): void {
  const destroySoon = socket.destroySoon.bind(socket)
  let timer: ReturnType<typeof setTimeout> | null = null
  socket.destroySoon = () => {
    if (socket.readableEnded || socket.destroyed) return destroySoon()
    if (timer !== null) return
    socket.end()
    timer = setTimeout(() => socket.destroy(), LINGER)
    socket.once('close', () => clearTimeout(timer!))
  }
}

/** What Node's parser cannot read never becomes a request: it is answered on the bare socket. */
async function refuse(error: NodeJS.ErrnoException, socket: Duplex): Promise<void> {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'body_timeout'
        : 'malformed_request'
  const problem = new GatewayError(
    code,
    `Cannot read the request: ${error.message}: send HTTP/1.1 as RFC 9112 has it`,
  )
  const response = problemResponse(problem, crypto.randomUUID())
  const body = await response.text()
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}`, ...head, 'connection: close']
  socket.end(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

function malformed(error: unknown): Response {
  const detail = error instanceof Error ? error.message : String(error)
  return problemResponse(
    new GatewayError('malformed_request', `Cannot read the request: ${detail}`),
    crypto.randomUUID(),
  )
}

/** Methods instead of closures: there is one for every call. */
class NodePeer implements Peer {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming
    this.#outgoing = outgoing
  }

  get ip(): string {
    return this.#incoming.socket.remoteAddress ?? ''
  }

  headers(): [string, string][] {
    const { headers } = this.#incoming
    const pairs: [string, string][] = []
    for (const name in headers) {
      const value = headers[name]
      pairs.push([name, typeof value === 'string' ? value : (value?.join(', ') ?? '')])
    }
    return pairs
  }

  hangUp(): HangUp {
    const hangUp = new HangUp()
    const outgoing = this.#outgoing
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) hangUp.fire()
    })
    return hangUp
  }
}
