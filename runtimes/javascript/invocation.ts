import { type AnswerHead, type CallHead, type FailHead, TYPE, WHOLE } from '../../src/runtime/wire.ts'
import { type Answer, toAnswer, Unsendable } from './answer.ts'
import { utf8, utf8Length } from './bytes.ts'
import type { Environment } from './guest.ts'
import { IncomingBody } from './incoming-body.ts'
import { inspect } from './inspect.ts'
import { plainJson } from './json.ts'
import { type BodySink, type Sending, sendBody } from './outgoing-body.ts'
import { failHead } from './thrown.ts'

const { AbortController, DOMException, ReadableStream } = globalThis
const BODILESS = new Set([204, 205, 304])

/** One call on its way through the author's handler: from CALL to ANSWER or FAIL, and DONE where work is left. */
export class Invocation implements BodySink {
  readonly id: number
  readonly head: CallHead
  readonly body: IncomingBody
  readonly #env: Environment
  #controller: AbortController | null = null
  #answer: Answer | null = null
  #sending: Sending | null = null
  /** Promises given to `waitUntil` that have not settled. */
  #pending = 0
  /** ANSWER or FAIL was sent, or the caller is gone and the handler has ended. */
  #answered = false
  #bodySent = false
  /** The gateway was told, or has to be told, that the call outlives its answer. */
  #owesDone = false
  #aborted = false

  constructor(env: Environment, id: number, head: CallHead, data: Uint8Array | null) {
    this.#env = env
    this.id = id
    this.head = head
    this.body = new IncomingBody(data, head.whole ? null : this.#source())
  }

  /** The call's abort signal, made when the author's code first looks at it. */
  readonly signal = (): AbortSignal => {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(hungUp())
    }
    return this.#controller.signal
  }

  readonly waitUntil = (promise: unknown): void => {
    if (this.#closed()) {
      this.#env.print('warn', 'waitUntil was called after its call had ended: it is not waited for', this)
      return
    }
    this.#pending++
    const settle = () => {
      this.#pending--
      this.#maybeDone()
    }
    Promise.resolve(promise).then(settle, (error) => {
      this.#env.print('error', `A promise given to waitUntil was rejected: ${inspect(error)}`, this)
      settle()
    })
  }

  /** The handler returned, or its promise was fulfilled. */
  readonly answer = (value: unknown): void => {
    if (this.#answered) return
    if (this.#aborted) {
      this.#drop(value)
      return
    }
    try {
      this.#answer = toAnswer(value, this.#env.platform)
    } catch (error) {
      this.#fail(error instanceof Unsendable ? 'unsendable' : 'threw', error)
      return
    }
    const { status, body, headers } = this.#answer
    if (BODILESS.has(status)) this.#discard(body)
    else if (this.head.method === 'HEAD') {
      if (body !== null) addLength(headers, body)
      this.#discard(body)
    } else this.#sending = sendBody(measured(body, headers), this)
  }

  /** The handler threw, or its promise was rejected. */
  readonly threw = (error: unknown): void => {
    if (this.#answered) return
    if (this.#aborted) this.#close()
    else this.#fail('threw', error)
  }

  /** RESET: the caller hung up. */
  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    const reason = hungUp()
    this.#owesDone = true
    this.#controller?.abort(reason)
    this.body.fail(reason)
    this.#sending?.cancel(reason)
    this.#bodySent = true
    this.#maybeDone()
  }

  credit(bytes: number): void {
    this.#sending?.credit(bytes)
  }

  // The answer's body, as `sendBody` tells it.

  begin(whole: boolean, data: Uint8Array | string | null): void {
    if (this.#aborted) return
    const { status, headers } = this.#answer!
    const head: AnswerHead = { status, headers, whole }
    this.#answered = true
    this.#bodySent = whole
    this.#owesDone = !whole || this.#pending > 0
    if (whole && this.#pending > 0) head.pending = true
    this.#env.flushLogs()
    this.#env.send(TYPE.ANSWER, this.id, plainJson(head), data)
    if (!this.#owesDone) this.#close()
  }

  data(piece: Uint8Array): void {
    this.#env.send(TYPE.DATA, this.id, '', piece)
  }

  end(): void {
    this.#env.flushLogs()
    this.#env.send(TYPE.END, this.id, '', null)
    this.#bodySent = true
    this.#maybeDone()
  }

  fail(error: unknown, begun: boolean): void {
    if (this.#aborted) return
    if (!begun) {
      this.#fail('threw', error)
      return
    }
    this.#env.print('error', `The body of the answer failed: ${inspect(error)}`, this)
    this.#env.flushLogs()
    this.#env.send(TYPE.RESET, this.id, failHead('threw', error).message, null)
    this.#bodySent = true
    this.#maybeDone()
  }

  #fail(kind: FailHead['kind'], error: unknown): void {
    const head: FailHead & { pending?: boolean } = failHead(kind, error)
    this.#answered = true
    this.#bodySent = true
    this.#owesDone = this.#pending > 0
    if (this.#owesDone) head.pending = true
    this.#env.flushLogs()
    this.#env.send(TYPE.FAIL, this.id, plainJson(head), null)
    if (!this.#owesDone) this.#close()
  }

  /** The answer goes without its body. */
  #discard(body: Answer['body']): void {
    if (body instanceof ReadableStream) body.cancel().catch(() => {})
    this.begin(true, null)
  }

  /** Nobody waits for this answer: what it would have sent is told so. */
  #drop(value: unknown): void {
    try {
      const { body } = toAnswer(value, this.#env.platform)
      if (body instanceof ReadableStream) body.cancel(hungUp()).catch(() => {})
    } catch {
      // It could not have been sent either.
    }
    this.#close()
  }

  #close(): void {
    this.#answered = true
    this.#bodySent = true
    this.#maybeDone()
  }

  #closed(): boolean {
    return this.#answered && this.#bodySent && this.#pending === 0
  }

  #maybeDone(): void {
    if (!this.#closed()) return
    this.#env.finished(this)
    if (this.body.open)
      this.body.fail(new DOMException('The call that this body belongs to has ended', 'AbortError'))
    if (!this.#owesDone) return
    this.#owesDone = false
    this.#env.flushLogs()
    this.#env.send(TYPE.DONE, this.id, '', null)
  }

  #source() {
    return {
      credit: (bytes: number) => this.#env.send(TYPE.CREDIT, this.id, String(bytes), null),
      cancel: (reason: unknown) => {
        // After ANSWER a RESET would mean that the answer broke; the gateway's window simply stays full.
        if (!this.#answered)
          this.#env.send(TYPE.RESET, this.id, failHead('threw', reason ?? 'not wanted').message, null)
      },
    }
  }
}

function hungUp(): DOMException {
  return new DOMException('The caller hung up', 'AbortError')
}

/** A body that goes in pieces although it is known whole has its length in the head: the gateway may limit it. */
function measured(body: Answer['body'], headers: [string, string][]): Answer['body'] {
  if (body === null || body instanceof ReadableStream || body.length <= WHOLE) return body
  const bytes = typeof body === 'string' ? utf8(body) : body
  addLength(headers, bytes)
  return bytes
}

/** A HEAD answer says how long the body would be, where that is known. */
function addLength(headers: [string, string][], body: NonNullable<Answer['body']>): void {
  if (headers.some(([name]) => name.toLowerCase() === 'content-length')) return
  if (typeof body === 'string') headers.push(['content-length', String(utf8Length(body))])
  else if (body instanceof Uint8Array) headers.push(['content-length', String(body.length)])
}
