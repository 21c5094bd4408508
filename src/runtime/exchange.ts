import { type Exit, FunctionFailure, garbledFailure, killedFailure } from '../domain/outcome.ts'
import { GatewayError } from '../errors.ts'
import { BodyReceiver } from './body-receiver.ts'
import { BodySender } from './body-sender.ts'
import { InstanceGone } from './failures.ts'
import { parseAnswerHead, parseFailHead, parseKilledHead } from './guest-heads.ts'
import type { Calls, Period } from './outbound-calls.ts'
import type { Call } from './runtime.ts'
import { type AnswerHead, TYPE, WHOLE } from './wire.ts'

/** How messages reach the guest of one instance. */
export type Send = (type: number, id: number, head: string, data: Uint8Array | string | null) => void

interface Pending {
  readonly call: Call
  resolve: ((response: Response) => void) | null
  reject: ((error: Error) => void) | null
  sender: BodySender | null
  receiver: BodyReceiver | null
  /** The answer is whole: its body has gone out. */
  bodyDone: boolean
  /** Who waits for the end of this call. */
  onSettled: (() => void) | null
}

/** The gateway's side of all exchanges it opens with one instance: calls of the function. */
export class Exchanges implements Calls {
  readonly #send: Send
  readonly #pending = new Map<number, Pending>()
  #nextId = 2
  #exit: Exit | null = null
  #lastHead = ''
  #lastAnswer: AnswerHead | null = null
  #period: Period = { calls: 0, subrequests: 0, deepest: 0 }

  constructor(send: Send) {
    this.#send = send
  }

  get inFlight(): number {
    return this.#pending.size
  }

  get period(): Period {
    return this.#period
  }

  depthOf(requestId: string): number {
    let own = -1
    let deepest = -1
    for (const { call } of this.#pending.values()) {
      deepest = Math.max(deepest, call.depth)
      // Callers choose request ids, so that two calls may have the same one.
      if (call.requestId === requestId) own = Math.max(own, call.depth)
    }
    if (own >= 0) return own
    return deepest >= 0 ? deepest : this.#period.deepest
  }

  /** @throws FunctionFailure, InstanceGone */
  fetch(request: Request, call: Call): Promise<Response> {
    if (this.#exit !== null) {
      call.settled()
      return Promise.reject(new InstanceGone(this.#exit, false))
    }
    const id = this.#nextId
    this.#nextId = id + 2
    this.#count(call)
    return new Promise<Response>((resolve, reject) => {
      const stream = call.body === undefined ? request.body : null
      const pending: Pending = {
        call,
        resolve,
        reject,
        sender: null,
        receiver: null,
        bodyDone: false,
        onSettled: null,
      }
      this.#pending.set(id, pending)
      const whole = stream === null && (call.body?.length ?? 0) <= WHOLE
      this.#send(TYPE.CALL, id, callHead(request, call, whole), whole ? (call.body ?? null) : null)
      if (!whole)
        this.#stream(id, pending, stream ?? new Response(call.body as Uint8Array<ArrayBuffer>).body!)
      call.hangUp.listener = () => this.#send(TYPE.RESET, id, 'the caller hung up', null)
    })
  }

  /** Takes a message of an exchange that the gateway opened. */
  receive(type: number, id: number, head: string, data: Uint8Array | null): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    switch (type) {
      case TYPE.ANSWER:
        this.#answer(id, pending, this.#parseAnswer(head), data)
        break
      case TYPE.FAIL: {
        const fail = parseFailHead(head)
        const failure = new FunctionFailure(fail.kind === 'unsendable' ? 'unsendable' : 'threw', fail)
        if (fail.pending === true) this.#reject(pending, failure)
        else this.#settle(id, pending, failure)
        break
      }
      case TYPE.DATA:
        if (data !== null) pending.receiver?.data(data)
        break
      case TYPE.END:
        pending.receiver?.end()
        this.#bodyDone(pending)
        break
      case TYPE.CREDIT:
        pending.sender?.credit(Number(head))
        break
      case TYPE.RESET:
        if (pending.receiver !== null && !pending.bodyDone) {
          pending.bodyDone = true
          pending.receiver.error(new Error(head || 'the function ended its answer'))
        } else pending.sender?.stop(head)
        break
      case TYPE.KILLED: {
        const { reason, limit, used, detail } = parseKilledHead(head)
        const failure =
          reason === 'protocol' ? garbledFailure(detail) : killedFailure({ reason, limit, used }, detail)
        pending.receiver?.error(failure)
        this.#settle(id, pending, failure)
        break
      }
      case TYPE.DONE:
        // Unanswered it ends only when the caller hung up first.
        this.#settle(id, pending, new GatewayError('client_closed', 'the caller hung up before the answer'))
        break
    }
  }

  /** Has one call ended alone. False: it was not gone within `ms`. */
  kill(call: Call, reason: string, ms: number): Promise<boolean> {
    for (const [id, pending] of this.#pending) {
      if (pending.call !== call) continue
      this.#send(TYPE.KILL, id, reason, null)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), ms)
        pending.onSettled = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    }
    return Promise.resolve(true)
  }

  /**
   * The instance is gone: every call still open fails with it.
   * @param cause what they fail with, where it is not that the instance is gone
   */
  close(exit: Exit, cause: Error = new InstanceGone(exit)): void {
    this.#exit = exit
    for (const [id, pending] of this.#pending) {
      pending.receiver?.error(cause)
      this.#settle(id, pending, cause)
    }
  }

  #count({ depth }: Call): void {
    if (this.#pending.size === 0) this.#period = { calls: 1, subrequests: 0, deepest: depth }
    else {
      this.#period.calls++
      this.#period.deepest = Math.max(this.#period.deepest, depth)
    }
  }

  /** A function mostly answers with the same head as the last time. */
  #parseAnswer(head: string): AnswerHead {
    if (head !== this.#lastHead) {
      this.#lastAnswer = parseAnswerHead(head)
      this.#lastHead = head
    }
    return this.#lastAnswer as AnswerHead
  }

  #answer(id: number, pending: Pending, head: AnswerHead, data: Uint8Array | null): void {
    const { resolve } = pending
    if (resolve === null) return
    if (head.whole) {
      this.#bodyDone(pending)
      this.#respond(pending, resolve, head, data)
      if (head.pending !== true) this.#settle(id, pending, null)
      return
    }
    pending.receiver = new BodyReceiver(
      (bytes) => this.#send(TYPE.CREDIT, id, String(bytes), null),
      () => this.#send(TYPE.RESET, id, 'the caller reads no further', null),
    )
    this.#respond(pending, resolve, head, pending.receiver.stream)
  }

  /** What waitUntil was given goes on, whoever leaves now; some hosts say of every answered call that its caller left. */
  #bodyDone(pending: Pending): void {
    pending.bodyDone = true
    pending.call.hangUp.listener = null
  }

  /** An answer that HTTP cannot carry is the function's failure, not the connection's. */
  #respond(
    pending: Pending,
    resolve: (response: Response) => void,
    head: AnswerHead,
    body: Uint8Array | ReadableStream<Uint8Array> | null,
  ): void {
    const { reject } = pending
    pending.resolve = null
    pending.reject = null
    try {
      resolve(pending.call.respond(head.status, head.headers, body))
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      if (body instanceof ReadableStream) void body.cancel()
      reject?.(new FunctionFailure('unsendable', { name, message, stack: '' }))
    }
  }

  #stream(id: number, pending: Pending, source: ReadableStream<Uint8Array>): void {
    const sender = new BodySender(source, {
      data: (bytes) => this.#send(TYPE.DATA, id, '', bytes),
      end: () => this.#send(TYPE.END, id, '', null),
      reset: (reason) => this.#send(TYPE.RESET, id, reason, null),
    })
    pending.sender = sender
    void sender.run()
  }

  #settle(id: number, pending: Pending, error: Error | null): void {
    this.#pending.delete(id)
    pending.call.hangUp.listener = null
    pending.sender?.stop('the call has ended')
    if (error !== null) this.#reject(pending, error)
    pending.call.settled()
    pending.onSettled?.()
  }

  #reject(pending: Pending, error: Error): void {
    const { reject } = pending
    pending.resolve = null
    pending.reject = null
    reject?.(error)
  }
}

function callHead(request: Request, call: Call, whole: boolean): string {
  return JSON.stringify({
    method: request.method,
    url: request.url,
    headers: call.headers ?? [...request.headers],
    whole,
    requestId: call.requestId,
    path: call.path,
    params: call.pathParameters,
    ip: call.sourceIp,
    deadline: call.deadline,
  })
}
