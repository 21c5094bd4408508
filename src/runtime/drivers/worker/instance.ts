import type { Deployment } from '../../../domain/deployment.ts'
import type { Exit, ExitReason } from '../../../domain/outcome.ts'
import { Exchanges } from '../../exchange.ts'
import { BootFailure } from '../../failures.ts'
import { startHead, toLog } from '../../heads.ts'
import { Outbound } from '../../outbound.ts'
import type { Call, Instance, StartOptions, Usage } from '../../runtime.ts'
import { type FailHead, type LogHead, type StartedHead, TYPE } from '../../wire.ts'

/** A message as workers post it: type, id, head, data. */
type Posted = [number, number, string, Uint8Array | string | null]

/** Deno's own addition to the worker's options. */
interface DenoWorkerOptions extends WorkerOptions {
  deno: { permissions: 'none' }
}

const encoder = new TextEncoder()
/** What a worker loads, as stacks name it. */
const BLOB = /blob:null\/[0-9a-f-]{36}/g

/** One Deno worker, as the pool sees it. */
export class WorkerInstance implements Instance {
  readonly id: string
  readonly exited: Promise<Exit>
  /** Resolves when the module has loaded; rejects with BootFailure. */
  readonly started: Promise<void>
  readonly #worker: Worker
  readonly #options: StartOptions
  readonly #exchanges: Exchanges
  readonly #outbound: Outbound
  readonly #guestUrl: string
  #settleExit!: (exit: Exit) => void
  #settleStart!: { resolve: () => void; reject: (error: Error) => void }
  #exit: Exit | null = null
  #initMs = 0

  constructor(guestUrl: string, deployment: Deployment, options: StartOptions) {
    this.id = options.id
    this.#options = options
    this.#guestUrl = guestUrl
    this.exited = new Promise((resolve) => {
      this.#settleExit = resolve
    })
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject }
    })
    this.started.catch(() => undefined)
    const init: DenoWorkerOptions = { type: 'module', name: options.id, deno: { permissions: 'none' } }
    this.#worker = new Worker(guestUrl, init)
    const send = (type: number, id: number, head: string, data: Uint8Array | string | null) => {
      if (this.#exit === null) this.#worker.postMessage([type, id, head, owned(data)])
    }
    this.#exchanges = new Exchanges(send)
    this.#outbound = new Outbound(send, options.egress)
    this.#worker.onmessage = (event: MessageEvent<Posted>) => this.#guarded(event.data)
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#end('crash', `its worker ended: ${event.message}`)
    }
    const code = options.artifact.files['main.js']
    if (code === undefined)
      throw new BootFailure('module_threw', {
        name: 'Error',
        message: 'the artifact has no main.js',
        stack: '',
      })
    send(TYPE.START, 0, JSON.stringify(startHead('worker', deployment, options.limits)), code)
  }

  fetch(request: Request, call: Call): Promise<Response> {
    return this.#exchanges.fetch(request, call)
  }

  async close(reason: ExitReason, detail: string = reason): Promise<Exit> {
    this.#end(reason, detail)
    return this.exited
  }

  usage(): Usage {
    return { cpu_ms: null, memory_mb: null, peak_memory_mb: null, init_ms: this.#initMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('shutdown')
  }

  /** The guest is not trusted: what is not the protocol ends it, and nothing else. */
  #guarded(posted: Posted): void {
    if (this.#exit !== null) return
    try {
      this.#receive(posted)
    } catch (error) {
      this.#end('crash', `it broke the protocol: ${String(error)}`)
    }
  }

  #receive([type, id, head, data]: Posted): void {
    if (type >= TYPE.CALL) {
      const bytes = typeof data === 'string' ? encoder.encode(data) : data
      if ((id & 1) === 0)
        this.#exchanges.receive(type, id, type === TYPE.FAIL ? this.#named(head) : head, bytes)
      else this.#outbound.receive(type, id, head, bytes)
      return
    }
    switch (type) {
      case TYPE.STARTED:
        this.#initMs = (JSON.parse(head) as StartedHead).initMs
        this.#settleStart.resolve()
        break
      case TYPE.START_FAILED: {
        const fail = JSON.parse(this.#named(head)) as FailHead
        this.#settleStart.reject(
          new BootFailure(fail.kind === 'no_handler' ? 'no_handler' : 'module_threw', fail),
        )
        break
      }
      case TYPE.LOG:
        for (const line of JSON.parse(this.#named(head)) as LogHead[]) this.#options.log(toLog(line))
        break
    }
  }

  /** Stacks in a message, with the author's module named as in an isolate: the source map belongs to that name. */
  #named(head: string): string {
    return head.replaceAll(BLOB, (url) => (url === this.#guestUrl ? 'guest.js' : 'main.js'))
  }

  /** `terminate` interrupts a busy loop too; nothing of the worker runs after it. */
  #end(reason: ExitReason, detail: string): void {
    if (this.#exit !== null) return
    const exit: Exit = { reason, detail, limit: null, used: null, cpu_ms: null, peak_memory_mb: null }
    this.#exit = exit
    this.#worker.terminate()
    this.#outbound.close()
    this.#settleStart.reject(new BootFailure('module_threw', { name: 'Error', message: detail, stack: '' }))
    this.#settleExit(exit)
    this.#exchanges.close(exit)
  }
}

/** Posting a view posts the whole buffer that it is a part of. */
function owned(data: Uint8Array | string | null): Uint8Array | string | null {
  return data instanceof Uint8Array && data.byteLength < data.buffer.byteLength ? new Uint8Array(data) : data
}
