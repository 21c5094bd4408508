import { connect, type Socket } from 'node:net'
import { type ResponseEvents, type ResponseHead, ResponseReader } from './response-reader.ts'

/** What became of a connection's request. */
export interface ConnectionEvents extends ResponseEvents {
  /** The first bytes of an answer are here. */
  firstByte?(): void
  /** No answer comes any more; the connection is closed. */
  failed(reason: string): void
}

const RECEIVE_BYTES = 16_384

/** One kept-alive connection with one request under way at the most. A new socket is opened when one is needed. */
export class Connection {
  readonly #host: string
  readonly #port: number
  readonly #events: ConnectionEvents
  readonly #buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES)
  #socket: Socket | null = null
  #reader: ResponseReader
  #waiting = false
  #begun = false

  constructor(host: string, port: number, events: ConnectionEvents) {
    this.#host = host
    this.#port = port
    this.#events = events
    this.#reader = this.#newReader()
  }

  /** A request without its answer yet is under way. */
  get waiting(): boolean {
    return this.#waiting
  }

  send(request: Buffer): void {
    this.#waiting = true
    this.#begun = false
    this.#socket ??= this.#open()
    this.#socket.write(request)
  }

  /** Gives up the request under way, if any. */
  abort(reason: string): void {
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
    if (!this.#waiting) return
    this.#waiting = false
    this.#events.failed(reason)
  }

  close(): void {
    this.#waiting = false
    this.#socket?.destroy()
    this.#socket = null
  }

  #open(): Socket {
    this.#reader = this.#newReader()
    // Bytes land in one buffer of ours: no allocation and no stream for each answer.
    const onread = { buffer: this.#buffer, callback: (length: number) => this.#received(socket, length) }
    const socket: Socket = connect({ host: this.#host, port: this.#port, noDelay: true, onread })
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(socket, error.code ?? error.name))
    socket.on('end', () => this.#ended(socket))
    socket.on('close', () => this.#lost(socket, 'closed'))
    return socket
  }

  #newReader(): ResponseReader {
    const events = this.#events
    const answered = (head: ResponseHead) => {
      if (head.closes) {
        this.#socket?.destroy()
        this.#socket = null
      }
      this.#waiting = false
      events.answered(head)
    }
    if (events.body === undefined) return new ResponseReader({ answered })
    return new ResponseReader({ answered, body: (piece) => events.body?.(piece) })
  }

  #received(socket: Socket, length: number): boolean {
    if (socket !== this.#socket) return false
    if (!this.#waiting) {
      this.abort('unasked bytes')
      return false
    }
    if (!this.#begun) {
      this.#begun = true
      this.#events.firstByte?.()
    }
    try {
      this.#reader.push(this.#buffer.subarray(0, length))
    } catch (error) {
      this.abort((error as Error).name)
      return false
    }
    return true
  }

  #ended(socket: Socket): void {
    if (socket !== this.#socket) return
    try {
      this.#reader.end()
      this.#lost(socket, 'closed')
    } catch {
      this.#lost(socket, 'closed in the middle of an answer')
    }
  }

  #lost(socket: Socket, reason: string): void {
    if (socket === this.#socket) this.abort(reason)
  }
}
