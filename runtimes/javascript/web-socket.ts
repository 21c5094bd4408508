import type { CloseHead } from '../../src/runtime/wire.ts'
import { utf8, utf8Length } from './bytes.ts'
import { defineConstants, type EventTools } from './event-tools.ts'
import { socketProtocols, socketUrl } from './socket-address.ts'
import type { MessageKind, SocketExchange, SocketHooks } from './socket-exchange.ts'

/** Opens an exchange for a socket. */
export type OpenSocket = (url: string, protocols: readonly string[], hooks: SocketHooks) => SocketExchange

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3
const MAX_REASON = 123
/** Texts longer than this are encoded here, where the memory that it takes is counted. UTF-16 units. */
const LONG_TEXT = 65_536
const NO_STATUS = 1005
const ABNORMAL = 1006

/** Makes the class of https://websockets.spec.whatwg.org/#the-websocket-interface on a platform's events. */
export function createWebSocket({ fire, attribute, queueTask }: EventTools, open: OpenSocket) {
  const { EventTarget, MessageEvent, ErrorEvent, Event, CloseEvent, Blob, DOMException, URL } = globalThis
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  class WebSocket extends EventTarget {
    readonly #url: string
    readonly #origin: string
    readonly #exchange: SocketExchange
    #state = CONNECTING
    #protocol = ''
    #extensions = ''
    #binaryType = 'blob'
    #buffered = 0

    constructor(url: unknown, protocols: unknown = []) {
      // biome-ignore lint/complexity/noArguments: Web IDL counts the arguments that were given
      if (arguments.length === 0) throw new TypeError('WebSocket: 1 argument required, but only 0 present')
      const address = socketUrl(url)
      const offered = socketProtocols(protocols)
      super()
      this.#url = address
      this.#origin = new URL(address).origin
      // Each is a task: what the author's code does in one event is done before the next one comes.
      this.#exchange = open(address, offered, {
        opened: (protocol, extensions) => queueTask(() => this.#opened(protocol, extensions)),
        message: (kind, bytes) => queueTask(() => this.#received(kind, bytes)),
        sent: (bytes) => {
          this.#buffered -= bytes
        },
        closed: (close, failure) => queueTask(() => this.#closed(close, failure)),
      })
    }

    get url(): string {
      return this.#url
    }
    get readyState(): number {
      return this.#state
    }
    get bufferedAmount(): number {
      return this.#buffered
    }
    get protocol(): string {
      return this.#protocol
    }
    get extensions(): string {
      return this.#extensions
    }
    get binaryType(): string {
      return this.#binaryType
    }
    set binaryType(value: unknown) {
      const type = String(value)
      if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
    }

    send(data: unknown): void {
      // biome-ignore lint/complexity/noArguments: Web IDL counts the arguments that were given
      if (arguments.length === 0)
        throw new TypeError('WebSocket.send: 1 argument required, but only 0 present')
      const [kind, message, size] = toMessage(data)
      if (this.#state === CONNECTING)
        throw new DOMException(
          'Cannot send: the socket is still connecting, wait for its "open" event',
          'InvalidStateError',
        )
      this.#buffered += size
      if (this.#state === OPEN) this.#exchange.send(kind, message, size)
    }

    close(code: unknown = undefined, reason: unknown = undefined): void {
      const status = code === undefined ? null : toStatus(code)
      const text = reason === undefined ? '' : String(reason).toWellFormed()
      if (utf8Length(text) > MAX_REASON)
        throw new DOMException(
          `Cannot close: the reason has ${utf8Length(text)} bytes, it must have at most ${MAX_REASON}`,
          'SyntaxError',
        )
      if (this.#state >= CLOSING) return
      this.#state = CLOSING
      this.#exchange.close(status ?? (text === '' ? null : 1000), text)
    }

    #opened(protocol: string, extensions: string): void {
      if (this.#state !== CONNECTING) return
      this.#state = OPEN
      this.#protocol = protocol
      this.#extensions = extensions
      fire(this, new Event('open'))
    }

    #received(kind: MessageKind, bytes: Uint8Array): void {
      if (this.#state === OPEN)
        fire(this, new MessageEvent('message', { data: this.#toData(kind, bytes), origin: this.#origin }))
      this.#exchange.consumed(bytes.length)
    }

    #toData(kind: MessageKind, bytes: Uint8Array): unknown {
      if (kind === 'text') return decoder.decode(bytes)
      const own = (
        bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice()
      ) as Uint8Array<ArrayBuffer>
      return this.#binaryType === 'blob' ? new Blob([own]) : own.buffer
    }

    #closed({ code, reason, clean }: CloseHead, failure: string | null): void {
      this.#state = CLOSED
      if (!clean) fire(this, new ErrorEvent('error', { message: failure ?? 'The connection broke' }))
      const status = code ?? (clean ? NO_STATUS : ABNORMAL)
      fire(this, new CloseEvent('close', { code: status, reason, wasClean: clean }))
    }
  }

  defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED })
  for (const name of ['open', 'message', 'error', 'close']) attribute(WebSocket.prototype, name)
  return WebSocket

  /** What is sent, as it is now: the author may change a buffer right after. */
  function toMessage(data: unknown): [MessageKind, string | Uint8Array | Promise<Uint8Array>, number] {
    if (data instanceof Blob)
      return ['binary', data.arrayBuffer().then((buffer) => new Uint8Array(buffer)), data.size]
    if (ArrayBuffer.isView(data)) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
      return ['binary', bytes, bytes.length]
    }
    if (data instanceof ArrayBuffer) return ['binary', new Uint8Array(data).slice(), data.byteLength]
    const text = `${data as string}`.toWellFormed()
    if (text.length <= LONG_TEXT) return ['text', text, utf8Length(text)]
    const bytes = utf8(text)
    return ['text', bytes, bytes.length]
  }

  /** A code that a script may close with. Web IDL clamps it first. */
  function toStatus(code: unknown): number {
    const status = Math.min(65_535, Math.max(0, Math.round(Number(code)) || 0))
    if (status === 1000 || (status >= 3000 && status <= 4999)) return status
    throw new DOMException(
      `Cannot close: the code must be 1000 or 3000 to 4999: it is ${status}`,
      'InvalidAccessError',
    )
  }
}
