import { BodyReceiver } from './body-receiver.ts'
import { BodySender } from './body-sender.ts'
import type { Send } from './exchange.ts'
import type { Egress } from './runtime.ts'
import { type CallHead, type FailHead, type FetchedHead, TYPE } from './wire.ts'

interface Open {
  readonly abort: AbortController
  readonly body: BodyReceiver | null
  answer: BodySender | null
}

/** The gateway's side of the exchanges that a guest opens: its `fetch`, carried out here under the egress policy. */
export class Outbound {
  readonly #send: Send
  readonly #egress: Egress
  readonly #open = new Map<number, Open>()

  constructor(send: Send, egress: Egress) {
    this.#send = send
    this.#egress = egress
  }

  /** Takes a message of an exchange that the guest opened. */
  receive(type: number, id: number, head: string, data: Uint8Array | null): void {
    if (type === TYPE.CALL) {
      void this.#call(id, JSON.parse(head) as CallHead, data)
      return
    }
    const open = this.#open.get(id)
    if (open === undefined) return
    switch (type) {
      case TYPE.DATA:
        if (data !== null) open.body?.data(data)
        break
      case TYPE.END:
        open.body?.end()
        break
      case TYPE.CREDIT:
        open.answer?.credit(Number(head))
        break
      case TYPE.RESET:
        open.abort.abort(new Error(head))
        open.answer?.stop(head)
        break
    }
  }

  /** The instance is gone: nothing that it asked for goes on. */
  close(): void {
    for (const open of this.#open.values()) {
      open.abort.abort(new Error('the instance is gone'))
      open.answer?.stop('the instance is gone')
    }
    this.#open.clear()
  }

  async #call(id: number, head: CallHead, data: Uint8Array | null): Promise<void> {
    const abort = new AbortController()
    const body = head.whole
      ? null
      : new BodyReceiver(
          (bytes) => this.#send(TYPE.CREDIT, id, String(bytes), null),
          () => this.#send(TYPE.RESET, id, 'the request body is not wanted', null),
        )
    const open: Open = { abort, body, answer: null }
    this.#open.set(id, open)
    try {
      const init: RequestInit & { duplex?: 'half' } = {
        method: head.method,
        headers: head.headers,
        body: body !== null ? body.stream : (data as Uint8Array<ArrayBuffer> | null),
        signal: abort.signal,
        redirect: 'manual',
        duplex: 'half',
      }
      const response = await this.#egress.fetch(new Request(head.url, init), 0)
      if (!this.#open.has(id)) {
        await response.body?.cancel()
        return
      }
      const answer: FetchedHead = {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
        whole: response.body === null,
      }
      this.#send(TYPE.ANSWER, id, JSON.stringify(answer), null)
      if (response.body === null) return
      open.answer = new BodySender(response.body, {
        data: (bytes) => this.#send(TYPE.DATA, id, '', bytes),
        end: () => this.#send(TYPE.END, id, '', null),
        reset: (reason) => this.#send(TYPE.RESET, id, reason, null),
      })
      await open.answer.run()
    } catch (error) {
      const thrown = error instanceof Error ? error : new Error(String(error))
      const cause = thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
      const fail: FailHead = { kind: 'threw', name: 'TypeError', message: thrown.message + cause, stack: '' }
      this.#send(TYPE.FAIL, id, JSON.stringify(fail), null)
    } finally {
      this.#open.delete(id)
    }
  }
}
