import {
  type AnswerHead,
  type CallHead,
  type CloseHead,
  type FailHead,
  MESSAGE_COST,
  TYPE,
  WINDOW,
} from '../../src/runtime/wire.ts'
import type { OpenExchange } from './exchanges.ts'
import type { Environment } from './guest.ts'
import { plainJson } from './json.ts'

export type MessageKind = 'text' | 'binary'

/** What the owner of a socket is told, in the order in which it happened. */
export interface SocketHooks {
  opened(protocol: string, extensions: string): void
  /** The bytes belong to the owner, who says when it is done with them. */
  message(kind: MessageKind, bytes: Uint8Array): void
  /** So many bytes of what was sent have left. */
  sent(bytes: number): void
  /** The last that it hears. @param failure why there never was a connection, or why it broke */
  closed(close: CloseHead, failure: string | null): void
}

/** A socket as the gateway is asked for it. */
export interface SocketAddress {
  /** Absolute, `ws:` or `wss:`. */
  readonly url: string
  readonly protocols: readonly string[]
  /** The call that opens it, or empty. */
  readonly requestId: string
}

interface Queued {
  readonly kind: MessageKind
  /** A promise where the bytes have to be read first: what comes later waits for it. */
  data: string | Uint8Array | Promise<Uint8Array>
  size: number
}

/** The longest message that can be sent: it travels in one piece. */
export const MAX_MESSAGE = 16_777_216
const BROKEN: CloseHead = { code: null, reason: '', clean: false }

/** One socket of the author's over the wire: CALL and ANSWER, then MESSAGE both ways, and CLOSE. */
export class SocketExchange implements OpenExchange {
  readonly #env: Environment
  readonly #id: number
  readonly #hooks: SocketHooks
  readonly #finished: () => void
  readonly #queue: Queued[] = []
  /** Sizes of the messages that are under way, the oldest first. */
  readonly #underWay: number[] = []
  #unacknowledged = 0
  #waiting = false
  #open = false
  #over = false
  /** The author asked for the end: it is sent after all that was queued before it. */
  #closing: CloseHead | null = null
  #closeSent = false

  constructor(env: Environment, id: number, hooks: SocketHooks, finished: () => void) {
    this.#env = env
    this.#id = id
    this.#hooks = hooks
    this.#finished = finished
  }

  start({ url, protocols, requestId }: SocketAddress): void {
    const head: CallHead = {
      method: 'GET',
      url,
      headers: protocols.length === 0 ? [] : [['sec-websocket-protocol', protocols.join(', ')]],
      whole: true,
      requestId,
      path: '',
      params: {},
      ip: '',
      deadline: 0,
      upgrade: 'websocket',
    }
    this.#send(TYPE.CALL, plainJson(head), null)
  }

  /** @param size the bytes that `data` has, or will have when it is read */
  send(kind: MessageKind, data: Queued['data'], size: number): void {
    if (this.#over || this.#closing !== null) return
    this.#queue.push({ kind, data, size })
    this.#pump()
  }

  /** Begins the closing handshake, after what is queued. */
  close(code: number | null, reason: string): void {
    if (this.#over || this.#closing !== null) return
    if (!this.#open) {
      this.#abandon('it was closed before it was open')
      return
    }
    this.#closing = { code, reason, clean: false }
    this.#pump()
  }

  /** The owner is done with a message of so many bytes. */
  consumed(bytes: number): void {
    if (!this.#over) this.#send(TYPE.CREDIT, String(bytes + MESSAGE_COST), null)
  }

  receive(type: number, head: string, data: Uint8Array | null): void {
    if (this.#over) return
    if (type === TYPE.MESSAGE) this.#hooks.message(head as MessageKind, data ?? new Uint8Array(0))
    else if (type === TYPE.CREDIT) this.#acknowledge(Number(head))
    else if (type === TYPE.ANSWER) this.#answer(JSON.parse(head) as AnswerHead)
    else if (type === TYPE.CLOSE) this.#end(JSON.parse(head) as CloseHead, null)
    else if (type === TYPE.FAIL) this.#end(BROKEN, (JSON.parse(head) as FailHead).message)
    else if (type === TYPE.RESET) this.#end(BROKEN, head || 'the connection broke')
  }

  #answer({ headers }: AnswerHead): void {
    const header = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? ''
    this.#open = true
    this.#hooks.opened(header('sec-websocket-protocol'), header('sec-websocket-extensions'))
  }

  #acknowledge(cost: number): void {
    this.#unacknowledged -= cost
    let sent = 0
    // Whole messages are acknowledged: what is still out is made of the latest.
    for (
      let left = cost;
      left > 0 && this.#underWay.length > 0;
      left -= MESSAGE_COST + this.#underWay.shift()!
    )
      sent += this.#underWay[0]!
    this.#hooks.sent(sent)
    this.#pump()
  }

  /** Sends as long as less than a window is under way: the last message may reach beyond it. */
  #pump(): void {
    while (!this.#waiting && !this.#over) {
      const next = this.#queue[0]
      if (next === undefined) break
      if (next.data instanceof Promise) {
        this.#read(next, next.data)
        return
      }
      if (next.size > MAX_MESSAGE) {
        this.#abandon(`a message of ${next.size} bytes is too long: at most ${MAX_MESSAGE} can be sent`)
        return
      }
      if (this.#unacknowledged >= WINDOW) return
      this.#queue.shift()
      this.#underWay.push(next.size)
      this.#unacknowledged += next.size + MESSAGE_COST
      this.#send(TYPE.MESSAGE, next.kind, next.data)
    }
    if (this.#closing === null || this.#closeSent || this.#waiting || this.#over) return
    this.#closeSent = true
    this.#send(TYPE.CLOSE, plainJson(this.#closing), null)
  }

  #read(item: Queued, data: Promise<Uint8Array>): void {
    this.#waiting = true
    data.then(
      (bytes) => {
        this.#waiting = false
        item.data = bytes
        item.size = bytes.length
        this.#pump()
      },
      () => this.#abandon('a Blob that was to be sent could not be read'),
    )
  }

  /** This side gives the connection up. */
  #abandon(failure: string): void {
    if (this.#over) return
    this.#send(TYPE.RESET, failure, null)
    this.#end(BROKEN, failure)
  }

  #end(close: CloseHead, failure: string | null): void {
    if (this.#over) return
    this.#over = true
    this.#queue.length = 0
    this.#finished()
    this.#hooks.closed(close, failure)
  }

  #send(type: number, head: string, data: Uint8Array | string | null): void {
    this.#env.send(type, this.#id, head, data)
  }
}
