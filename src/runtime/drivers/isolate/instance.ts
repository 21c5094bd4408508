import type { Deployment } from '../../../domain/deployment.ts'
import type { Exit, ExitReason } from '../../../domain/outcome.ts'
import { type Closing, closedBy, closingNow } from '../../closing.ts'
import { Exchanges } from '../../exchange.ts'
import { BootFailure, InstanceGone } from '../../failures.ts'
import { parseFailHead } from '../../guest-heads.ts'
import { startHead, toLog } from '../../heads.ts'
import { createLogBudget } from '../../log-budget.ts'
import { Outbound } from '../../outbound.ts'
import type { Call, Instance, InstanceLog, StartOptions, Usage } from '../../runtime.ts'
import {
  type ExitHead,
  type LogHead,
  type Message,
  type StartedHead,
  TYPE,
  type UsageHead,
} from '../../wire.ts'
import type { HostProcess, Inhabitant } from './host-process.ts'

/** How long a disposed isolate may take to be gone before its process is given up. Milliseconds. */
const GONE_WITHIN = 1000
/** The same where nobody else is in the process. */
const GONE_WITHIN_ALONE = 50

/** The end of an instance whose host is replaced for another's sake. */
const REPLACED: Exit = {
  reason: 'evicted',
  detail: 'its host process is replaced',
  limit: null,
  used: null,
  cpu_ms: null,
  peak_memory_mb: null,
}

/** One isolate in a host process, as the pool sees it. */
export class IsolateInstance implements Instance, Inhabitant {
  readonly id: string
  readonly exited: Promise<Exit>
  /** Resolves when the host has read START: its thread is free. */
  readonly accepted: Promise<void>
  /** Resolves at STARTED; rejects with BootFailure. */
  readonly started: Promise<void>
  readonly #host: HostProcess
  readonly #number: number
  readonly #options: StartOptions
  readonly #exchanges: Exchanges
  readonly #outbound: Outbound
  readonly #condemn: (host: HostProcess, why: string) => Promise<void>
  #settleExit!: (exit: Exit) => void
  #settleAccepted!: () => void
  #settleStart!: { resolve: () => void; reject: (error: Error) => void }
  #exit: Exit | null = null
  #closing: Closing | null = null
  readonly #log: (line: InstanceLog) => void
  #usage: Usage = { cpu_ms: null, memory_mb: null, peak_memory_mb: null, init_ms: 0 }

  /** @param condemn ends the whole host when this isolate cannot be stopped; resolves when it is gone */
  constructor(
    host: HostProcess,
    deployment: Deployment,
    options: StartOptions,
    condemn: (host: HostProcess, why: string) => Promise<void>,
  ) {
    this.id = options.id
    this.#host = host
    this.#options = options
    this.#log = createLogBudget(options.limits.log_lines, options.log)
    this.#condemn = condemn
    this.exited = new Promise((resolve) => {
      this.#settleExit = resolve
    })
    this.accepted = new Promise((resolve) => {
      this.#settleAccepted = resolve
    })
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject }
    })
    // A start that is given up before anyone waits for it is no fault.
    this.started.catch(() => undefined)
    this.#number = host.attach(this)
    const send = (type: number, id: number, head: string, data: Uint8Array | string | null) =>
      host.send(type, this.#number, id, head, data)
    this.#exchanges = new Exchanges(send)
    this.#outbound = new Outbound(send, options.egress, this.#exchanges, options.limits.subrequests)
    void host.exited.then((why) => this.#lost(why))
    const code = options.artifact.files['main.js']
    if (code === undefined)
      throw new BootFailure('module_threw', {
        name: 'Error',
        message: 'the artifact has no main.js',
        stack: '',
      })
    send(TYPE.START, 0, JSON.stringify(startHead('isolate', deployment, options.limits)), code)
  }

  fetch(request: Request, call: Call): Promise<Response> {
    if (this.#host.draining && this.#exit === null) {
      call.settled()
      return Promise.reject(new InstanceGone(REPLACED, false))
    }
    return this.#exchanges.fetch(request, call)
  }

  async close(reason: ExitReason, detail: string = reason, usedMb: number | null = null): Promise<Exit> {
    if (this.#exit === null && this.#closing === null) {
      this.#closing = closingNow(reason, detail, usedMb)
      this.#host.send(TYPE.STOP, this.#number, 0, reason, null)
      const timer = setTimeout(
        () => {
          void this.#condemn(this.#host, `isolate ${this.id} could not be stopped`)
        },
        this.#host.population === 1 ? GONE_WITHIN_ALONE : GONE_WITHIN,
      )
      void this.exited.then(() => clearTimeout(timer))
    }
    return this.exited
  }

  /** Gives up a start that the host has not even read; when it comes to it, it ends the instance again. */
  abandon(detail: string): void {
    this.#host.send(TYPE.STOP, this.#number, 0, 'evicted', null)
    this.#finish({ ...REPLACED, detail })
  }

  usage(): Usage {
    return this.#usage
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('shutdown')
  }

  /** The process that it is in. */
  get host(): HostProcess {
    return this.#host
  }

  /** It ended with its host, and not by its own doing. */
  get lost(): boolean {
    return this.#exit?.reason === 'evicted'
  }

  get memoryMb(): number {
    return this.#options.limits.memory_mb
  }

  get working(): boolean {
    return this.#exchanges.inFlight > 0
  }

  overdrew(usedMb: number): void {
    const { memory_mb } = this.#options.limits
    void this.close('memory', `it used more than ${memory_mb} MB of memory`, usedMb)
  }

  /** What is left of it in the process goes with the process. */
  leave(): void {
    if (this.#closing === null && this.#exchanges.inFlight === 0) this.#finish(REPLACED)
  }

  /** The guest is not trusted: what is not the protocol ends it, and nothing else. */
  receive(message: Message): void {
    try {
      this.#receive(message)
    } catch (error) {
      void this.close('crash', `it broke the protocol: ${String(error)}`)
    }
  }

  #receive(message: Message): void {
    const { type, id, head } = message
    const data = message.data as Uint8Array | null
    if (type >= TYPE.CALL) {
      // Even ids are calls of the function, odd ids are its own fetches.
      if ((id & 1) === 0) this.#exchanges.receive(type, id, head, data)
      else this.#outbound.receive(type, id, head, data)
      return
    }
    switch (type) {
      case TYPE.ACCEPTED:
        this.#settleAccepted()
        break
      case TYPE.STARTED:
        this.#usage = { ...this.#usage, init_ms: (JSON.parse(head) as StartedHead).initMs }
        this.#settleStart.resolve()
        break
      case TYPE.START_FAILED: {
        const fail = parseFailHead(head)
        this.#settleStart.reject(
          new BootFailure(fail.kind === 'no_handler' ? 'no_handler' : 'module_threw', fail),
        )
        break
      }
      case TYPE.LOG:
        for (const line of JSON.parse(head) as LogHead[]) this.#log(toLog(line))
        break
      case TYPE.USAGE: {
        const usage = JSON.parse(head) as UsageHead
        this.#usage = {
          ...this.#usage,
          cpu_ms: usage.cpuMs,
          memory_mb: usage.memoryMb,
          peak_memory_mb: usage.peakMb,
        }
        break
      }
      case TYPE.EXITED:
        this.#end(JSON.parse(head) as ExitHead)
        break
    }
  }

  #end(head: ExitHead): void {
    const closing = this.#closing
    const own = {
      reason: head.reason as ExitReason,
      detail: head.detail,
      limit: head.limit,
      used: head.used,
    }
    this.#finish({
      ...(closing === null ? own : closedBy(closing, this.#options.limits)),
      cpu_ms: head.cpuMs,
      peak_memory_mb: head.peakMb,
    })
  }

  /** The process is gone: alone in it, the function is to blame; else it cannot be told whose doing it was. */
  #lost(why: string): void {
    const closing = this.#closing
    const own = {
      reason:
        this.#host.population === 1 && !this.#host.endedFromOutside
          ? ('crash' as const)
          : ('evicted' as const),
      detail: `its host process ended: ${why}`,
      limit: null,
      used: null,
    }
    this.#finish({
      ...(closing === null ? own : closedBy(closing, this.#options.limits)),
      cpu_ms: this.#usage.cpu_ms,
      peak_memory_mb: this.#usage.peak_memory_mb,
    })
  }

  #finish(exit: Exit): void {
    if (this.#exit !== null) return
    this.#exit = exit
    this.#host.detach(this.#number)
    this.#outbound.close()
    this.#settleStart.reject(bootEnded(exit, this.#options.limits.memory_mb))
    this.#settleExit(exit)
    this.#exchanges.close(exit)
  }
}

function bootEnded(exit: Exit, memoryMb: number): BootFailure {
  const code =
    exit.reason === 'memory' ? 'boot_memory' : exit.reason === 'timeout' ? 'boot_timeout' : 'module_threw'
  const message =
    code === 'boot_memory'
      ? `its module used more than ${memoryMb} MB of memory while it loaded`
      : exit.detail
  return new BootFailure(code, { name: 'Error', message, stack: '' })
}
