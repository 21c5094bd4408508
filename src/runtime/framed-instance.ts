import type { Deployment } from '../domain/deployment.ts'
import { type Exit, type ExitReason, garbledFailure, type KillReason } from '../domain/outcome.ts'
import type { RuntimeName } from '../domain/runtime-name.ts'
import { type Closing, closedBy, closingNow } from './closing.ts'
import { Exchanges } from './exchange.ts'
import { BootFailure } from './failures.ts'
import { figure, parseFailHead } from './guest-heads.ts'
import type { GuestLink } from './guest-link.ts'
import { startHead, toLog } from './heads.ts'
import { createLogBudget } from './log-budget.ts'
import { Outbound } from './outbound.ts'
import type { Call, Instance, InstanceLog, StartOptions, Usage } from './runtime.ts'
import { type LogHead, type Message, type StartedHead, TYPE, type UsageHead } from './wire.ts'

/** The process that a guest runs in, as its instance sees it. */
export interface GuestProcess {
  readonly link: GuestLink
  /** It has a process for each call, so that one can be ended alone. */
  readonly endsCalls: boolean
  /** Ends it, whatever it does; `FramedInstance.ended` is called when it is gone. */
  kill(): void
  /** What stands in heads of this guest instead of the author's file name, if anything. */
  readonly alias?: RegExp
}

/** Why a process ended by itself: `limit` and `used` are MiB. */
export type ProcessEnd = Pick<Exit, 'reason' | 'detail' | 'limit' | 'used'>

/** How long one call's process may take to be gone before the whole instance goes. Milliseconds. */
const CALL_GONE_WITHIN = 2000

/** The file of the author's code, as stacks name it and the source map belongs to it. */
const AUTHOR_FILE = 'main.js'

/** One guest in a process of its own that speaks frames, as the pool sees it. */
export class FramedInstance implements Instance {
  readonly id: string
  readonly exited: Promise<Exit>
  /** Resolves when the module has loaded; rejects with BootFailure. */
  readonly started: Promise<void>
  readonly #process: GuestProcess
  readonly #options: StartOptions
  readonly #exchanges: Exchanges
  readonly #outbound: Outbound
  readonly #log: (line: InstanceLog) => void
  #settleExit!: (exit: Exit) => void
  #settleStart!: { resolve: () => void; reject: (error: Error) => void }
  #exit: Exit | null = null
  #closing: Closing | null = null
  #garbled: string | null = null
  #silent = false
  #usage: Usage = { cpu_ms: null, memory_mb: null, peak_memory_mb: null, init_ms: 0 }

  /** @param code what START carries: the bundle or the source */
  constructor(
    runtime: RuntimeName,
    deployment: Deployment,
    code: Uint8Array,
    guest: GuestProcess,
    options: StartOptions,
  ) {
    const { link } = guest
    this.id = options.id
    this.#process = guest
    this.#options = options
    this.#log = createLogBudget(options.limits.log_lines, options.log)
    this.exited = new Promise((resolve) => {
      this.#settleExit = resolve
    })
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject }
    })
    this.started.catch(() => undefined)
    this.#exchanges = new Exchanges(link.send)
    this.#outbound = new Outbound(link.send, options.egress, this.#exchanges, options.limits.subrequests)
    link.onMessage = (message) => this.#receive(message)
    // The guest is not trusted: what is not the protocol ends it, and nothing else.
    link.onBroken = (error) => this.#broken(error)
    link.send(TYPE.START, 0, JSON.stringify(startHead(runtime, deployment, options.limits)), code)
  }

  fetch(request: Request, call: Call): Promise<Response> {
    // While it ends no call begins in it: another instance can take that one.
    if ((this.#closing !== null || this.#silent) && this.#exit === null)
      return this.exited.then(() => this.#exchanges.fetch(request, call))
    return this.#exchanges.fetch(request, call)
  }

  endCall(call: Call, reason: KillReason): Promise<boolean> {
    if (!this.#process.endsCalls || this.#exit !== null) return Promise.resolve(false)
    return this.#exchanges.kill(call, reason, CALL_GONE_WITHIN)
  }

  async close(reason: ExitReason, detail: string = reason): Promise<Exit> {
    if (this.#exit === null) {
      this.#closing ??= closingNow(reason, detail)
      this.#process.kill()
    }
    return this.exited
  }

  usage(): Usage {
    return this.#usage
  }

  /** A line that the process printed past its guest. */
  print(level: InstanceLog['level'], message: string): void {
    this.#log({ request_id: null, level, time: Date.now(), message })
  }

  /** Nothing more comes of the process: it is about to be gone. */
  fellSilent(): void {
    this.#silent = true
  }

  /** The process is gone. */
  ended(end: ProcessEnd): void {
    if (this.#exit !== null) return
    const cause = this.#closing === null ? end : closedBy(this.#closing, this.#options.limits)
    const { reason, detail, limit } = cause
    const { cpu_ms, peak_memory_mb } = this.#usage
    const exit: Exit = { ...cause, cpu_ms, peak_memory_mb: reason === 'memory' ? limit : peak_memory_mb }
    this.#exit = exit
    this.#process.link.close()
    this.#outbound.close()
    const code = reason === 'memory' ? 'boot_memory' : 'module_threw'
    this.#settleStart.reject(new BootFailure(code, { name: 'Error', message: detail, stack: '' }))
    this.#settleExit(exit)
    if (this.#garbled === null) this.#exchanges.close(exit)
    else this.#exchanges.close(exit, garbledFailure(this.#garbled))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('shutdown')
  }

  #receive(message: Message): void {
    try {
      this.#handle(message)
    } catch (error) {
      this.#broken(error)
    }
  }

  #broken(error: unknown): void {
    if (this.#closing === null) this.#garbled = `its process sent what is not the protocol: ${String(error)}`
    this.#process.link.close()
    void this.close('crash', `it broke the protocol: ${String(error)}`)
  }

  #handle({ type, id, head, data }: Message): void {
    if (type >= TYPE.CALL) {
      const bytes = data as Uint8Array | null
      // Even ids are calls of the function, odd ids are its own fetches.
      if ((id & 1) === 1) this.#outbound.receive(type, id, head, bytes)
      else this.#exchanges.receive(type, id, type === TYPE.FAIL ? this.#named(head) : head, bytes)
      return
    }
    switch (type) {
      case TYPE.STARTED:
        this.#usage = { ...this.#usage, init_ms: figure((JSON.parse(head) as StartedHead).initMs) ?? 0 }
        this.#settleStart.resolve()
        break
      case TYPE.START_FAILED: {
        const fail = parseFailHead(this.#named(head))
        const code = fail.kind === 'no_handler' ? 'no_handler' : 'module_threw'
        this.#settleStart.reject(new BootFailure(code, fail))
        break
      }
      case TYPE.LOG:
        for (const line of JSON.parse(this.#named(head)) as LogHead[]) this.#log(toLog(line))
        break
      case TYPE.USAGE: {
        const { cpuMs, memoryMb, peakMb } = JSON.parse(head) as UsageHead
        const [cpu_ms, memory_mb, peak_memory_mb] = [figure(cpuMs), figure(memoryMb), figure(peakMb)]
        this.#usage = { ...this.#usage, cpu_ms, memory_mb, peak_memory_mb }
        break
      }
    }
  }

  #named(head: string): string {
    const { alias } = this.#process
    return alias === undefined ? head : head.replaceAll(alias, AUTHOR_FILE)
  }
}

/**
 * Waits until a guest has loaded its module; one that takes too long is ended.
 * @param limit milliseconds
 * @throws BootFailure
 */
export async function booted(
  instance: FramedInstance,
  { signal }: StartOptions,
  limit: number,
): Promise<void> {
  const message = `its module did not load within ${limit} ms`
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    const late = () => reject(new BootFailure('boot_timeout', { name: 'Error', message, stack: '' }))
    timer = setTimeout(late, limit)
  })
  const abort = () => void instance.close('shutdown')
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    await Promise.race([instance.started, timeout])
  } catch (error) {
    await instance.close('boot_failed', error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
