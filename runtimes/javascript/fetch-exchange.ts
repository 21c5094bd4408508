import { type AnswerHead, type CallHead, type FailHead, TYPE } from '../../src/runtime/wire.ts'
import type { HeaderList, OutgoingBody } from './answer.ts'
import { utf8Length } from './bytes.ts'
import type { Environment } from './guest.ts'
import { IncomingBody } from './incoming-body.ts'
import { plainJson } from './json.ts'
import { type BodySink, type Sending, sendBody } from './outgoing-body.ts'
import type { OutgoingRequest } from './platform.ts'
import { failHead } from './thrown.ts'

/** Head of the ANSWER to a fetch. */
export interface FetchedHead extends AnswerHead {
  statusText?: string
}

/** What became of one exchange. */
export interface FetchHooks {
  /** The call that the fetch belongs to, or empty. */
  readonly requestId: string
  /** Its head is here, its body may follow. */
  answered(head: FetchedHead, body: IncomingBody): void
  failed(error: unknown): void
  /** The id is free again. */
  finished(): void
}

/** One `fetch` of the author's: CALL out, ANSWER or FAIL in, with a body each way. */
export class FetchExchange implements BodySink {
  readonly #env: Environment
  readonly #id: number
  readonly #request: OutgoingRequest
  readonly #hooks: FetchHooks
  #sending: Sending | null = null
  #body: IncomingBody | null = null
  #answered = false
  #over = false
  #called = false

  constructor(env: Environment, id: number, request: OutgoingRequest, hooks: FetchHooks) {
    this.#env = env
    this.#id = id
    this.#request = request
    this.#hooks = hooks
  }

  start(): void {
    this.#request.signal?.addEventListener('abort', this.#onAbort)
    this.#sending = sendBody(this.#request.body, this)
  }

  receive(type: number, head: string, data: Uint8Array | null): void {
    if (this.#over) return
    if (type === TYPE.CREDIT) this.#sending?.credit(Number(head))
    else if (type === TYPE.ANSWER) this.#answer(JSON.parse(head) as FetchedHead, data)
    else if (type === TYPE.DATA) {
      if (data !== null) this.#body?.push(data)
    } else if (type === TYPE.END) {
      this.#finish()
      this.#body?.end()
    } else if (type === TYPE.FAIL) this.#break(new TypeError((JSON.parse(head) as FailHead).message))
    else if (type === TYPE.RESET) {
      if (this.#answered) this.#break(new TypeError(head || 'The connection ended before the body did'))
      else this.#sending?.cancel(new TypeError(head || 'The server wants no more of the body'))
    }
  }

  // The request's body, as `sendBody` tells it.

  begin(whole: boolean, data: Uint8Array | string | null): void {
    if (this.#over) return
    const { method, url, headers, body } = this.#request
    const head: CallHead = {
      method,
      url,
      headers: whole ? headers : withLength(headers, body),
      whole,
      requestId: this.#hooks.requestId,
      path: '',
      params: {},
      ip: '',
      deadline: 0,
    }
    this.#called = true
    this.#env.send(TYPE.CALL, this.#id, plainJson(head), data)
  }

  data(piece: Uint8Array): void {
    if (!this.#over) this.#env.send(TYPE.DATA, this.#id, '', piece)
  }

  end(): void {
    if (!this.#over) this.#env.send(TYPE.END, this.#id, '', null)
  }

  fail(error: unknown): void {
    this.#abandon(error)
  }

  readonly #onAbort = () => this.#abandon(this.#request.signal?.reason)

  #answer(head: FetchedHead, data: Uint8Array | null): void {
    if (this.#answered) return
    this.#answered = true
    const body = new IncomingBody(
      data,
      head.whole
        ? null
        : {
            credit: (bytes) => {
              if (!this.#over) this.#env.send(TYPE.CREDIT, this.#id, String(bytes), null)
            },
            cancel: (reason) => this.#abandon(reason),
          },
    )
    this.#body = body
    if (head.whole) this.#finish()
    this.#hooks.answered(head, body)
  }

  /** This side gives the exchange up. */
  #abandon(reason: unknown): void {
    if (this.#over) return
    if (this.#called) this.#env.send(TYPE.RESET, this.#id, failHead('threw', reason).message, null)
    this.#break(reason)
  }

  #break(error: unknown): void {
    this.#finish(error)
    this.#body?.fail(error)
    if (!this.#answered) this.#hooks.failed(error)
  }

  #finish(reason: unknown = undefined): void {
    if (this.#over) return
    this.#over = true
    this.#hooks.finished()
    // What is left of the request's body has no reader any more.
    this.#sending?.cancel(reason)
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** A body that goes in pieces, and whose length is known all the same. */
function withLength(headers: HeaderList, body: OutgoingBody): HeaderList {
  const length = typeof body === 'string' ? utf8Length(body) : body instanceof Uint8Array ? body.length : null
  if (length === null || headers.some(([name]) => name.toLowerCase() === 'content-length')) return headers
  return [...headers, ['content-length', String(length)]]
}
