import { type CallHead, type Meta, TYPE } from '../../src/runtime/wire.ts'
import { findNativeBase64 } from './base64.ts'
import { type CallFollower, callOfFrame, withinCall } from './call-frames.ts'
import { type FetchContext, fetchContext, lambdaContext } from './context.ts'
import { buildEvent } from './event.ts'
import { OpenExchanges } from './exchanges.ts'
import { createFetch } from './fetch.ts'
import { dispatchFetch, type FetchListeners } from './fetch-event.ts'
import { type Handler, NoHandler, resolveHandler } from './handler.ts'
import { Invocation } from './invocation.ts'
import { type Level, Logs } from './logs.ts'
import { type Platform, standardPlatform } from './platform.ts'
import type { Port } from './port.ts'
import { SocketExchange, type SocketHooks } from './socket-exchange.ts'
import { failHead } from './thrown.ts'

/** The inside of a sandbox: turns messages into calls of the author's handler, and its answers into messages. */
export interface Guest {
  /** Takes the author's module. @throws NoHandler (`code: 'no_handler'`) with a sentence for the author */
  load(meta: Meta, namespace: Record<string, unknown>): void
  /** One message from the gateway. `data` now belongs to the guest. */
  receive(type: number, id: number, head: string, data: Uint8Array | null): void
  /** The author's `fetch`: the gateway does it. */
  fetch(input: unknown, init?: unknown): Promise<Response>
  /** How many lines a second are kept of what is printed. */
  limitLog(linesPerSecond: number): void
  /** The author's `WebSocket`: the gateway connects it. It lives until it is closed, or the instance ends. */
  openSocket(url: string, protocols: readonly string[], hooks: SocketHooks): SocketExchange
  /** One printed line; it is attributed to the call that runs, where that is clear. */
  log(level: Level, text: string): void
  /** What nobody caught fails the call that it belongs to, where that is clear and the call has no answer yet. */
  uncaught(error: unknown): void
  /** Calls that have not ended. */
  readonly calls: number
  /** Sends what was printed, now: for an owner that is about to end the sandbox. */
  flush(): void
}

/** What the parts of a guest share. */
export interface Environment {
  readonly platform: Platform
  send(type: number, id: number, head: string, data: Uint8Array | string | null): void
  print(level: Level, text: string, invocation: Invocation | null): void
  flushLogs(): void
  finished(invocation: Invocation): void
}

const parse = JSON.parse
const PromiseClass = Promise
const { resolve } = Promise
const { then } = Promise.prototype
const { apply } = Reflect
const isOpenedHere = (id: number) => id % 2 === 1

/**
 * Makes the guest of one sandbox.
 * @param platform the web classes; by default the host's own
 * @param listeners what scripts listen with for "fetch", where they can
 * @param follower tells whose the running code is, where the host can
 */
export function createGuest(
  port: Port,
  platform: Platform = standardPlatform(),
  listeners: FetchListeners | null = null,
  follower: CallFollower | null = null,
): Guest {
  findNativeBase64()
  const logs = new Logs(port)
  const invocations = new Map<number, Invocation>()
  const exchanges = new OpenExchanges()
  let current: Invocation | null = null
  let run: (invocation: Invocation) => unknown = () => {
    throw new NoHandler('Cannot take a call: no module was loaded')
  }

  const environment: Environment = {
    platform,
    send: (type, id, head, data) => port.send({ type, id, head, data }),
    print: (level, text, invocation) => logs.write(level, text, invocation?.head.requestId ?? null),
    flushLogs: () => logs.flush(),
    finished: (invocation) => invocations.delete(invocation.id),
  }

  /**
   * The call that a line or a fetch belongs to: the one whose handler runs now, else the only one there is, else the
   * one that the bundle has followed here.
   */
  function owner(): Invocation | null {
    if (current !== null) return current
    if (invocations.size !== 1) return invocations.get(callOfFrame() ?? -1) ?? null
    for (const only of invocations.values()) return only
    return null
  }

  const ownerId = () => owner()?.head.requestId ?? ''

  /** What is done here on behalf of a call runs the author's code: that is the call's. */
  function within(invocation: Invocation, work: (invocation: Invocation) => void): void {
    if (follower === null) work(invocation)
    else follower.within({ id: invocation.id, requestId: invocation.head.requestId }, () => work(invocation))
  }

  function call(id: number, head: string, data: Uint8Array | null): void {
    const invocation = new Invocation(environment, id, parse(head) as CallHead, data)
    invocations.set(id, invocation)
    within(invocation, begin)
  }

  function begin(invocation: Invocation): void {
    const outer = current
    current = invocation
    let result: unknown
    try {
      result = withinCall(invocation.id, () => run(invocation))
    } catch (error) {
      current = outer
      invocation.threw(error)
      return
    }
    current = outer
    try {
      if (result instanceof PromiseClass) apply(then, result, [invocation.answer, invocation.threw])
      else if (isThenable(result))
        apply(then, apply(resolve, PromiseClass, [result]), [invocation.answer, invocation.threw])
      else invocation.answer(result)
    } catch (error) {
      // A getter or a trap of what was returned.
      invocation.threw(error)
    }
  }

  function forInvocation(invocation: Invocation, type: number, head: string, data: Uint8Array | null): void {
    if (type === TYPE.DATA) {
      if (data !== null) invocation.body.push(data)
    } else if (type === TYPE.END) invocation.body.end()
    else if (type === TYPE.CREDIT) invocation.credit(Number(head))
    else if (type === TYPE.RESET) within(invocation, hangUp)
  }

  return {
    load(meta, namespace) {
      const handler = resolveHandler(namespace, listeners?.present() ? listening(listeners) : null)
      const env = Object.freeze({ ...meta.env })
      run = runner(handler, meta, env, platform)
    },

    receive(type, id, head, data) {
      if (isOpenedHere(id)) exchanges.receive(id, type, head, data)
      else if (type === TYPE.CALL) call(id, head, data)
      else {
        // The gateway may cross with an answer: a message for a call that has ended means nothing.
        const invocation = invocations.get(id)
        if (invocation !== undefined) forInvocation(invocation, type, head, data)
      }
    },

    fetch: createFetch(environment, ownerId, exchanges),

    openSocket(url, protocols, hooks) {
      const socket = exchanges.add((id, finished) => new SocketExchange(environment, id, hooks, finished))
      socket.start({ url, protocols, requestId: ownerId() })
      return socket
    },

    log: (level, text) => {
      if (follower === null) environment.print(level, text, owner())
      else logs.write(level, text, follower.current()?.requestId ?? null)
    },

    uncaught(error) {
      const mark = follower?.current()
      const invocation = mark == null ? null : invocations.get(mark.id)
      if (invocation?.head.requestId === mark?.requestId) invocation?.threw(error)
    },

    get calls() {
      return invocations.size
    },

    limitLog: (linesPerSecond) => logs.setRate(linesPerSecond),
    flush: () => logs.flush(),
  }
}

const hangUp = (invocation: Invocation): void => invocation.abort()

/** Binds a handler to what it is called with. */
function runner(handler: Handler, meta: Meta, env: object, platform: Platform) {
  if (handler.kind === 'fetch')
    return (invocation: Invocation): unknown =>
      handler.call(
        platform.request(invocation.head, invocation.body, invocation.signal),
        env,
        fetchContext(invocation.waitUntil),
      )
  return (invocation: Invocation): unknown => {
    const { head, body } = invocation
    const run = (bytes: Uint8Array) => handler.call(buildEvent(meta, head, bytes), lambdaContext(meta, head))
    return body.whole === null ? body.collect().then(run) : run(body.whole)
  }
}

/** A script that exports nothing and listens for "fetch". */
function listening(listeners: FetchListeners): Handler {
  return {
    kind: 'fetch',
    call: (request, _env, context) => dispatchFetch(listeners, request, context as FetchContext),
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** The sentence that a thrown load error becomes, for owners that report it over the wire. */
export function loadFailure(error: unknown): string {
  return JSON.stringify(failHead(error instanceof NoHandler ? 'no_handler' : 'threw', error))
}
