import type ivmTypes from 'isolated-vm'
import type { Entry } from '../../../../runtimes/isolate/bind.ts'
import { buildPrelude } from '../../../../runtimes/isolate/bundle.ts'
import { WARM_UP } from '../../../../runtimes/isolate/warm-up.ts'
import {
  type AnswerHead,
  type CallHead,
  type FailHead,
  type LogHead,
  TYPE,
} from '../../../../src/runtime/wire.ts'

/** The gateway's side of one isolate, for tests: in process, with everything it was sent kept. */
export interface Sandbox extends AsyncDisposable {
  readonly messages: Received[]
  readonly logs: LogHead[]
  readonly entry: Entry
  /** Called for every batch that leaves the isolate. */
  onBatch: () => void
  readonly isolate: ivmTypes.Isolate
  readonly context: ivmTypes.Context
  send(type: number, id: number, head?: string, data?: Uint8Array | null): Promise<void>
  /** Waits until a message fits. */
  until(fits: (message: Received) => boolean): Promise<Received>
  /** One call, its answer read to the end. */
  call(init?: Partial<CallHead> & { body?: string | Uint8Array }): Promise<Answered>
}

export interface Received {
  readonly type: number
  readonly id: number
  readonly head: string
  readonly data: Uint8Array | string | null
}

export interface Answered {
  readonly head: AnswerHead
  readonly fail: FailHead | null
  readonly text: string
  readonly messages: number
}

export const META = {
  callbackId: 7,
  version: 3,
  runtime: 'isolate',
  memoryMb: 128,
  timeoutMs: 30_000,
  env: { GREETING: 'hi' },
}
const COPY = { arguments: { copy: true } } as const

let prelude: Promise<string> | null = null

/** The prelude's code, built once a process. */
export function preludeCode(): Promise<string> {
  prelude ??= buildPrelude().then(({ code }) => code)
  return prelude
}

let snapshot: ivmTypes.ExternalCopy<ArrayBuffer> | null = null

/** Makes an isolate, from a snapshot or compiled, and loads a module that stands there as source. */
export async function sandbox(source: string, mode: 'snapshot' | 'compiled' = 'snapshot'): Promise<Sandbox> {
  // Not at the top: on a host that cannot load it, the tests that say so must still load this file.
  const { default: ivm } = await import('isolated-vm')
  const { bindBridge, TICK } = await import('../../../../runtimes/isolate/bind.ts')
  const { Rejections } = await import('../../../../runtimes/isolate/rejection.ts')
  const code = await preludeCode()
  if (mode === 'snapshot')
    snapshot ??= ivm.Isolate.createSnapshot([{ code, filename: 'prelude.js' }], WARM_UP)
  const isolate = new ivm.Isolate({
    memoryLimit: 128,
    ...(mode === 'snapshot' ? { snapshot: snapshot! } : {}),
  })
  const context = await isolate.createContext()
  if (mode === 'compiled') await context.eval(code, { filename: 'prelude.js' })

  const messages: Received[] = []
  const logs: LogHead[] = []
  const waiters = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let nextId = 0

  const take = (flat: unknown[]) => {
    box.onBatch()
    for (let at = 0; at < flat.length; at += 4) {
      const [type, id, head, data] = flat.slice(at, at + 4) as [
        number,
        number,
        string,
        Uint8Array | string | null,
      ]
      if (type === TYPE.LOG) logs.push(...(JSON.parse(head) as LogHead[]))
      messages.push({ type, id, head, data })
    }
    for (const waiter of waiters) waiter()
  }
  const rejections = new Rejections()
  // As the host process does: what was rejected and not handled goes back to where it came from.
  const enter = (flat: unknown[]): Promise<void> =>
    entry.receive.apply(undefined, [flat, false], COPY).catch((error: unknown) => {
      if (isolate.isDisposed) throw error
      return enter(rejections.message(error))
    })
  const entry: Entry = bindBridge(context, {
    send: take,
    wake: (ms) => {
      clearTimeout(timer)
      timer = setTimeout(() => void enter([...TICK]).catch(() => undefined), ms)
    },
    deliver: (flat) => void enter(flat).catch(() => undefined),
  })

  const until = (fits: (message: Received) => boolean): Promise<Received> =>
    new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        waiters.delete(look)
        reject(new Error(`No message fits; there were ${JSON.stringify(messages.slice(-20))}`))
      }, 5000)
      const look = () => {
        const found = messages.find(fits)
        if (found === undefined) return
        clearTimeout(deadline)
        waiters.delete(look)
        resolve(found)
      }
      waiters.add(look)
      look()
    })

  const send = async (type: number, id: number, head = '', data: Uint8Array | null = null) => {
    await enter([type, id, head, data])
  }

  const box: Sandbox = {
    messages,
    logs,
    entry,
    onBatch: () => undefined,
    isolate,
    context,
    send,
    until,

    async call({ body, ...given } = {}) {
      nextId += 2
      const id = nextId
      const data = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? null)
      const before = messages.length
      await send(TYPE.CALL, id, callHead(given), data)
      const first = await until((m) => m.id === id && (m.type === TYPE.ANSWER || m.type === TYPE.FAIL))
      const ours = () => messages.slice(before).filter((m) => m.id === id)
      if (first.type === TYPE.FAIL)
        return {
          head: { status: 0, headers: [], whole: true },
          fail: JSON.parse(first.head),
          text: '',
          messages: ours().length,
        }
      const head = JSON.parse(first.head) as AnswerHead
      if (head.whole) return { head, fail: null, text: decode([first]), messages: ours().length }
      let credited = 0
      const end = await until((m) => {
        if (m.id !== id) return false
        const sent = size(ours())
        if (sent > credited) {
          send(TYPE.CREDIT, id, String(sent - credited)).catch(() => undefined)
          credited = sent
        }
        return m.type === TYPE.END || m.type === TYPE.RESET
      })
      if (end.type === TYPE.RESET) throw new Error(`reset: ${end.head}`)
      return { head, fail: null, text: decode(ours()), messages: ours().length }
    },

    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      if (!isolate.isDisposed) isolate.dispose()
    },
  }

  await entry.begin.apply(undefined, [JSON.stringify(META), 500, true])
  const module = await isolate.compileModule(source, { filename: 'main.js' })
  await module.instantiate(context, (specifier) => {
    throw new Error(`Nothing can be imported here: ${specifier}`)
  })
  await module.evaluate()
  const failure = (await entry.load.apply(
    undefined,
    [JSON.stringify(META), module.namespace.derefInto() as never],
    {
      result: { copy: true },
    },
  )) as unknown as string
  if (failure !== '') throw new Error(failure)
  return box
}

/** The head of a CALL, with everything that the test does not care about filled in. */
export function callHead(given: Partial<CallHead> = {}): string {
  return JSON.stringify({
    method: 'GET',
    url: 'http://localhost:8000/api/hello',
    headers: [['host', 'localhost:8000']],
    whole: true,
    requestId: 'r-1',
    path: 'hello',
    params: {},
    ip: '127.0.0.1',
    deadline: Date.now() + 30_000,
    ...given,
  } satisfies CallHead)
}

function size(messages: Received[]): number {
  return messages.reduce((sum, { data }) => sum + (data instanceof Uint8Array ? data.length : 0), 0)
}

function decode(messages: Received[]): string {
  const decoder = new TextDecoder()
  return messages
    .map(({ data }) => (typeof data === 'string' ? data : data ? decoder.decode(data, { stream: true }) : ''))
    .join('')
}
