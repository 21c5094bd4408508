import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { deeperLoop, LOOP_HEADER } from '../domain/loop.ts'
import type { OutboundSocket } from '../runtime/runtime.ts'
import { dial, type Endpoint } from './dial.ts'

/** The largest message that is taken. */
const MAX_MESSAGE = 4_194_304
/** A server that pings without reading the answers is not listened to for ever. Bytes. */
const MAX_UNREAD = 1_048_576
const HANDSHAKE_WITHIN = 10_000
const NO_STATUS = 1005
const ABNORMAL = 1006

/**
 * Opens a WebSocket to an endpoint that was permitted.
 * @throws Error when it cannot be reached or does not speak the protocol
 */
export async function connectSocket(
  endpoint: Endpoint,
  url: URL,
  protocols: readonly string[],
  depth: number,
  signal: AbortSignal,
): Promise<OutboundSocket> {
  const connection = await dial(endpoint, signal)
  const socket = open(connection, url, protocols, depth)
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason)
      socket.terminate()
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.on('error', reject)
    socket.once('open', () => {
      signal.removeEventListener('abort', abort)
      resolve(new OpenSocket(socket))
    })
    socket.once('close', () => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
  })
}

/** @throws SyntaxError for protocols that cannot be */
function open(connection: Socket, url: URL, protocols: readonly string[], depth: number): WebSocket {
  try {
    return new WebSocket(url, [...protocols], {
      createConnection: () => connection,
      headers: { [LOOP_HEADER]: deeperLoop(null, depth), 'user-agent': 'faas-gateway' },
      followRedirects: false,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_WITHIN,
      maxPayload: MAX_MESSAGE,
      autoPong: false,
    })
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** An open socket. It reads nothing from the network before somebody listens. */
class OpenSocket implements OutboundSocket {
  readonly protocol: string
  readonly extensions: string
  onClose: (code: number, reason: string, clean: boolean) => void = () => undefined
  #onMessage: (data: string | Uint8Array) => void = () => undefined
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.protocol = socket.protocol
    this.extensions = socket.extensions
    socket.pause()
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      this.#onMessage(isBinary ? bytes : bytes.toString())
    })
    socket.on('ping', (data) => {
      if (socket.bufferedAmount > MAX_UNREAD) socket.terminate()
      else socket.pong(data)
    })
    socket.on('close', (code, reason) => this.onClose(code, reason.toString(), code !== ABNORMAL))
  }

  get onMessage(): (data: string | Uint8Array) => void {
    return this.#onMessage
  }

  set onMessage(listener: (data: string | Uint8Array) => void) {
    this.#onMessage = listener
    this.#socket.resume()
  }

  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, (error) => (error ? reject(error) : resolve()))
    })
  }

  close(code?: number, reason?: string): void {
    this.#socket.resume()
    if (code === undefined || code === NO_STATUS) this.#socket.close()
    else this.#socket.close(code, reason)
  }

  pause(paused: boolean): void {
    if (paused) this.#socket.pause()
    else this.#socket.resume()
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
