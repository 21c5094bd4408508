import type { Send } from './exchange.ts'
import type { Calls } from './outbound-calls.ts'
import { type OutboundContext, type OutboundExchange, sendFailure } from './outbound-exchange.ts'
import { OutboundFetch } from './outbound-fetch.ts'
import { Lane } from './outbound-lane.ts'
import { OutboundWebSocket } from './outbound-socket.ts'
import type { Egress } from './runtime.ts'
import { type CallHead, TYPE, WireError } from './wire.ts'

/** Requests of one instance that are carried out at once, and sockets that are open. The rest wait. */
const AT_ONCE = 64
/** What those that wait may hold of the gateway's memory. Bytes. */
const MOST_WAITING = 16_777_216
/** An answer that the function does not read for so long gives way to requests that wait. Milliseconds. */
const STALLED_AFTER = 5000
const LOOK_EVERY = 1000

/** The gateway's side of the exchanges that a guest opens: its `fetch` and `WebSocket`, under their limits. */
export class Outbound {
  readonly #send: Send
  readonly #egress: Egress
  readonly #calls: Calls
  readonly #limit: number
  readonly #open = new Map<number, OutboundExchange>()
  readonly #fetches = new Lane(AT_ONCE, MOST_WAITING)
  readonly #sockets = new Lane(AT_ONCE, MOST_WAITING)
  #looking: ReturnType<typeof setTimeout> | undefined

  /** @param limit requests and sockets that each call may open */
  constructor(send: Send, egress: Egress, calls: Calls, limit: number) {
    this.#send = send
    this.#egress = egress
    this.#calls = calls
    this.#limit = limit
  }

  /** Takes a message of an exchange that the guest opened. @throws WireError, SyntaxError */
  receive(type: number, id: number, head: string, data: Uint8Array | null): void {
    if (type !== TYPE.CALL) this.#open.get(id)?.receive(type, head, data)
    else if (this.#open.has(id)) throw new WireError(`an exchange ${id} that is open already`)
    // Before the head is read: a flood of requests must cost little.
    else if (this.#spent()) sendFailure(this.#send, id, spentError(this.#limit))
    else this.#call(id, head, data)
  }

  /** The instance is gone: nothing that it asked for goes on. */
  close(): void {
    clearTimeout(this.#looking)
    this.#fetches.clear()
    this.#sockets.clear()
    for (const exchange of this.#open.values()) exchange.close()
    this.#open.clear()
  }

  #spent(): boolean {
    const { period } = this.#calls
    // What a module fetches while it loads counts as one call.
    if (period.subrequests >= this.#limit * Math.max(1, period.calls)) return true
    period.subrequests++
    return false
  }

  #call(id: number, text: string, data: Uint8Array | null): void {
    const head = JSON.parse(text) as CallHead
    const lane = head.upgrade === undefined ? this.#fetches : this.#sockets
    const context: OutboundContext = {
      id,
      send: this.#send,
      egress: this.#egress,
      depth: this.#calls.depthOf(head.requestId),
      ended: () => {
        this.#open.delete(id)
        lane.leave(exchange)
      },
    }
    const exchange: OutboundExchange =
      head.upgrade === undefined
        ? // Data lies in a buffer shared with other frames, and may have to wait.
          new OutboundFetch(context, head, text.length, data?.slice() ?? null)
        : new OutboundWebSocket(context, head, text.length)
    this.#open.set(id, exchange)
    if (lane.enter(exchange)) {
      this.#look()
      return
    }
    this.#open.delete(id)
    const what = 'so many requests of this function wait that no more can be kept: await some of them first'
    sendFailure(this.#send, id, new TypeError(what))
  }

  /** Answers that nobody reads must not keep others from starting for ever. */
  #look(): void {
    if (this.#looking !== undefined || this.#fetches.waiting === 0) return
    this.#looking = setTimeout(() => {
      this.#looking = undefined
      const longAgo = performance.now() - STALLED_AFTER
      for (const exchange of [...this.#open.values()]) {
        if (this.#fetches.waiting === 0) break
        if ((exchange.stalledSince ?? Number.POSITIVE_INFINITY) > longAgo) continue
        exchange.breakOff(
          'its body was not read, and other requests of the function waited: read it or cancel it',
        )
      }
      this.#look()
    }, LOOK_EVERY)
  }
}

function spentError(limit: number): TypeError {
  const sentence =
    limit === 0
      ? 'fetch is refused: this function may open no requests (limits.subrequests is 0)'
      : `fetch is refused: the calls of this function have opened the ${limit} requests that each of them may (limits.subrequests)`
  return new TypeError(sentence)
}
