import { Buffer } from 'node:buffer'
import { type OutboundContext, type OutboundExchange, sendFailure } from './outbound-exchange.ts'
import type { OutboundSocket } from './runtime.ts'
import {
  type CallHead,
  type CloseHead,
  type FetchedHead,
  MESSAGE_COST,
  TYPE,
  WINDOW,
  WireError,
} from './wire.ts'

/** A guest that has so much under way does not keep to its window. */
const MOST_UNSENT = 4_194_304
const PROTOCOL = 'sec-websocket-protocol'
const EXTENSIONS = 'sec-websocket-extensions'
const NO_STATUS = 1005

/**
 * One `WebSocket` of a guest. A sender starts a message while what is unacknowledged costs less than the window; so
 * the last one may reach beyond it.
 */
export class OutboundWebSocket implements OutboundExchange {
  readonly weight: number
  /** A socket may be silent for as long as it likes. */
  readonly stalledSince = null
  readonly #context: OutboundContext
  readonly #head: CallHead
  readonly #abort = new AbortController()
  #socket: OutboundSocket | null = null
  /** Cost of what the guest was sent and has not taken. */
  #unread = 0
  /** Cost of what the guest sent and the network has not taken. */
  #unsent = 0
  #over = false

  constructor(context: OutboundContext, head: CallHead, size: number) {
    this.#context = context
    this.#head = head
    this.weight = size
  }

  start(): void {
    void this.#open()
  }

  receive(type: number, head: string, data: Uint8Array | null): void {
    switch (type) {
      case TYPE.MESSAGE:
        this.#message(head, data ?? new Uint8Array(0))
        break
      case TYPE.CREDIT:
        this.#credit(Number(head))
        break
      case TYPE.CLOSE:
        this.#close(JSON.parse(head) as CloseHead)
        break
      case TYPE.RESET:
        this.close()
        break
    }
  }

  breakOff(): void {
    this.close()
  }

  close(): void {
    this.#end()
    this.#abort.abort(new Error('it is not wanted any more'))
    this.#socket?.terminate()
  }

  async #open(): Promise<void> {
    const { id, send, egress, depth } = this.#context
    const { signal } = this.#abort
    try {
      const socket = await egress.connect(String(this.#head.url), protocolsOf(this.#head), depth, signal)
      if (this.#over) {
        socket.terminate()
        return
      }
      this.#socket = socket
      socket.onMessage = (message) => this.#pass(message)
      socket.onClose = (code, reason, clean) => {
        const close: CloseHead = { code: code === NO_STATUS ? null : code, reason, clean }
        if (!this.#over) send(TYPE.CLOSE, id, JSON.stringify(close), null)
        this.#end()
      }
      const headers: [string, string][] = []
      if (socket.protocol !== '') headers.push([PROTOCOL, socket.protocol])
      if (socket.extensions !== '') headers.push([EXTENSIONS, socket.extensions])
      const answer: FetchedHead = { status: 101, statusText: '', headers, whole: false }
      send(TYPE.ANSWER, id, JSON.stringify(answer), null)
    } catch (error) {
      if (!this.#over) sendFailure(send, id, error)
      this.#end()
    }
  }

  /** From the server to the guest. */
  #pass(message: string | Uint8Array): void {
    if (this.#over) return
    const { id, send } = this.#context
    const isText = typeof message === 'string'
    const bytes = isText ? Buffer.byteLength(message) : message.length
    const before = this.#unread
    this.#unread += bytes + MESSAGE_COST
    send(TYPE.MESSAGE, id, isText ? 'text' : 'binary', message)
    if (before < WINDOW && this.#unread >= WINDOW) this.#socket?.pause(true)
  }

  #credit(cost: number): void {
    if (!Number.isSafeInteger(cost) || cost < 0) throw new WireError('a credit that is no number of bytes')
    const before = this.#unread
    this.#unread = Math.max(0, before - cost)
    if (before >= WINDOW && this.#unread < WINDOW) this.#socket?.pause(false)
  }

  /** From the guest to the server. */
  #message(kind: string, data: Uint8Array): void {
    const socket = this.#socket
    if (socket === null || this.#over) return
    if (this.#unsent >= MOST_UNSENT) throw new WireError(`${this.#unsent} bytes of a socket came unasked`)
    const cost = data.length + MESSAGE_COST
    this.#unsent += cost
    const { buffer, byteOffset, length } = data
    const text = kind === 'text' ? Buffer.from(buffer, byteOffset, length).toString() : null
    socket.send(text ?? data).then(
      () => {
        this.#unsent -= cost
        if (!this.#over) this.#context.send(TYPE.CREDIT, this.#context.id, String(cost), null)
      },
      () => undefined,
    )
  }

  #close({ code, reason }: CloseHead): void {
    const socket = this.#socket
    if (socket === null) {
      this.close()
      return
    }
    try {
      if (code === null) socket.close()
      else socket.close(code, reason)
    } catch {
      // Not a code that may be sent: the guest should have known.
      socket.terminate()
    }
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#context.ended()
  }
}

function protocolsOf({ headers }: CallHead): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === PROTOCOL)
    .flatMap(([, value]) => value.split(','))
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '')
}
