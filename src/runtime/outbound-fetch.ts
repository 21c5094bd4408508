import { BodyReceiver } from './body-receiver.ts'
import { BodySender } from './body-sender.ts'
import { type OutboundContext, type OutboundExchange, sendFailure } from './outbound-exchange.ts'
import { type CallHead, type FetchedHead, TYPE, WINDOW } from './wire.ts'

/** One `fetch` of a guest: its request goes out under the egress policy, the answer comes back as it arrives. */
export class OutboundFetch implements OutboundExchange {
  readonly weight: number
  readonly #context: OutboundContext
  readonly #abort = new AbortController()
  readonly #head: CallHead
  readonly #data: Uint8Array | null
  readonly #body: BodyReceiver | null
  #answer: BodySender | null = null
  /** Bytes of the answer that the guest has not read. */
  #unread = 0
  #stalledSince: number | null = null
  #over = false

  constructor(context: OutboundContext, head: CallHead, size: number, data: Uint8Array | null) {
    const { id, send } = context
    this.#context = context
    this.#head = head
    this.#data = data
    this.weight = size + (head.whole ? (data?.length ?? 0) : WINDOW)
    this.#body = head.whole
      ? null
      : new BodyReceiver(
          (bytes) => send(TYPE.CREDIT, id, String(bytes), null),
          () => send(TYPE.RESET, id, 'the request body is not wanted', null),
        )
  }

  start(): void {
    void this.#run()
  }

  receive(type: number, head: string, data: Uint8Array | null): void {
    switch (type) {
      case TYPE.DATA:
        if (data !== null) this.#body?.data(data)
        break
      case TYPE.END:
        this.#body?.end()
        break
      case TYPE.CREDIT:
        this.#credit(Number(head))
        break
      case TYPE.RESET:
        this.#give(head)
        break
    }
  }

  get stalledSince(): number | null {
    return this.#stalledSince
  }

  breakOff(reason: string): void {
    this.#context.send(TYPE.RESET, this.#context.id, reason, null)
    this.#give(reason)
  }

  close(): void {
    this.#give('the instance is gone')
  }

  async #run(): Promise<void> {
    const { id, send, egress, depth } = this.#context
    try {
      const response = await egress.fetch(this.#request(), depth)
      if (this.#over) {
        await response.body?.cancel()
        return
      }
      const head: FetchedHead = {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
        whole: response.body === null,
      }
      send(TYPE.ANSWER, id, JSON.stringify(head), null)
      if (response.body === null) return
      this.#answer = new BodySender(response.body, {
        data: (bytes) => this.#pass(bytes),
        end: () => send(TYPE.END, id, '', null),
        reset: (reason) => send(TYPE.RESET, id, reason, null),
      })
      await this.#answer.run()
    } catch (error) {
      if (!this.#over) sendFailure(send, id, error)
    } finally {
      this.#end()
    }
  }

  /** @throws TypeError for what a request cannot be: the guest is not trusted to have checked it */
  #request(): Request {
    const { method, url, headers } = this.#head
    const sent = new Headers(headers)
    // A body in one piece has a length, whatever the function says of it.
    if (this.#data !== null) sent.set('content-length', String(this.#data.length))
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers: sent,
      body: this.#body !== null ? this.#body.stream : (this.#data as Uint8Array<ArrayBuffer> | null),
      signal: this.#abort.signal,
      redirect: 'manual',
      duplex: 'half',
    }
    return new Request(url, init)
  }

  #pass(bytes: Uint8Array): void {
    this.#unread += bytes.length
    if (this.#unread >= WINDOW) this.#stalledSince = performance.now()
    this.#context.send(TYPE.DATA, this.#context.id, '', bytes)
  }

  #credit(bytes: number): void {
    this.#answer?.credit(bytes)
    this.#unread -= bytes
    if (this.#unread < WINDOW) this.#stalledSince = null
  }

  /** Nobody waits for it any more. */
  #give(reason: string): void {
    const error = new Error(reason)
    this.#end()
    this.#body?.error(error)
    this.#abort.abort(error)
    this.#answer?.stop(error)
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#context.ended()
  }
}
