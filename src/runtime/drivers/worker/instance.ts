import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import type { Deployment } from '../../../domain/deployment.ts'
import type { Exit, ExitReason } from '../../../domain/outcome.ts'
import { type Closing, closedBy, closingNow } from '../../closing.ts'
import { Exchanges, type Send } from '../../exchange.ts'
import { BootFailure } from '../../failures.ts'
import { FrameReader, FrameWriter } from '../../frames.ts'
import { parseFailHead } from '../../guest-heads.ts'
import { startHead, toLog } from '../../heads.ts'
import { createLogBudget } from '../../log-budget.ts'
import { Outbound } from '../../outbound.ts'
import type { Call, Instance, InstanceLog, StartOptions, Usage } from '../../runtime.ts'
import { type LogHead, type Message, type StartedHead, TYPE } from '../../wire.ts'

/** No permission but to load the guest's own program; nothing from the network, no configuration of the machine. */
const ARGUMENTS = ['run', '--no-prompt', '--no-config', '--no-lock', '--no-remote', '--no-npm', '--quiet']
const FLUSH_AT = 262_144
const OUT_OF_MEMORY = /out of memory|OOM/i

/** What a worker loads, as stacks name it. */
const BLOB = /blob:null\/[0-9a-f-]{36}/g

/** One Deno process without permissions, as the pool sees it: `Worker.terminate` would not end a busy loop. */
export class WorkerInstance implements Instance {
  readonly id: string
  readonly exited: Promise<Exit>
  /** Resolves when the module has loaded; rejects with BootFailure. */
  readonly started: Promise<void>
  readonly #child: ChildProcess
  readonly #writer = new FrameWriter()
  readonly #options: StartOptions
  readonly #exchanges: Exchanges
  readonly #outbound: Outbound
  #settleExit!: (exit: Exit) => void
  #settleStart!: { resolve: () => void; reject: (error: Error) => void }
  #exit: Exit | null = null
  #closing: Closing | null = null
  readonly #log: (line: InstanceLog) => void
  #scheduled = false
  #initMs = 0

  /** @param program the file of the guest */
  constructor(program: string, deployment: Deployment, options: StartOptions) {
    this.id = options.id
    this.#options = options
    this.#log = createLogBudget(options.limits.log_lines, options.log)
    this.exited = new Promise((resolve) => {
      this.#settleExit = resolve
    })
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject }
    })
    this.started.catch(() => undefined)
    const code = options.artifact.files['main.js']
    if (code === undefined) throw new BootFailure('module_threw', plainError('the artifact has no main.js'))
    const heap = `--v8-flags=--max-old-space-size=${options.limits.memory_mb}`
    this.#child = spawn(process.execPath, [...ARGUMENTS, heap, program], {
      env: { NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const send: Send = (type, id, head, data) => this.#send(type, id, head, data)
    this.#exchanges = new Exchanges(send)
    this.#outbound = new Outbound(send, options.egress, this.#exchanges, options.limits.subrequests)
    this.#listen()
    send(TYPE.START, 0, JSON.stringify(startHead('worker', deployment, options.limits)), code)
  }

  fetch(request: Request, call: Call): Promise<Response> {
    return this.#exchanges.fetch(request, call)
  }

  async close(reason: ExitReason, detail: string = reason): Promise<Exit> {
    this.#closing ??= closingNow(reason, detail)
    this.#child.kill('SIGKILL')
    return this.exited
  }

  usage(): Usage {
    return { cpu_ms: null, memory_mb: null, peak_memory_mb: null, init_ms: this.#initMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('shutdown')
  }

  #listen(): void {
    let stderr = ''
    this.#child.stderr?.on('data', (text: Uint8Array) => {
      stderr = (stderr + String(text)).slice(-2000)
    })
    // The exit says why; a broken pipe alone says nothing more.
    this.#child.stdin?.on('error', () => undefined)
    // The guest is not trusted: what is not the protocol ends it, and nothing else.
    const reader = new FrameReader((message) => this.#receive(message))
    this.#child.stdout?.on('data', (chunk: Uint8Array) => {
      try {
        if (this.#exit === null) reader.push(chunk)
      } catch (error) {
        void this.close('crash', `it broke the protocol: ${String(error)}`)
      }
    })
    this.#child.on('error', (error) =>
      this.#end('crash', `its process could not be started: ${error.message}`),
    )
    this.#child.on('exit', (code, signal) => {
      const { limits } = this.#options
      if (this.#closing !== null) this.#finish(closedBy(this.#closing, limits))
      else if (OUT_OF_MEMORY.test(stderr))
        this.#end('memory', `it used more than ${limits.memory_mb} MB of heap`)
      else this.#end('crash', `its process ended with ${signal ?? `exit code ${code}`}`)
    })
  }

  /** A burst of messages is one write. */
  #send(type: number, id: number, head: string, data: Uint8Array | string | null): void {
    if (this.#exit !== null) return
    this.#writer.write({ type, instance: 0, id, head, data })
    if (this.#writer.pending >= FLUSH_AT) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => this.#flush())
    }
  }

  #flush(): void {
    this.#scheduled = false
    if (this.#writer.pending > 0 && this.#exit === null) this.#child.stdin?.write(this.#writer.take())
  }

  #receive(message: Message): void {
    const { type, id, head } = message
    if (type >= TYPE.CALL) {
      const bytes = message.data as Uint8Array | null
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
        const fail = parseFailHead(this.#named(head))
        this.#settleStart.reject(
          new BootFailure(fail.kind === 'no_handler' ? 'no_handler' : 'module_threw', fail),
        )
        break
      }
      case TYPE.LOG:
        for (const line of JSON.parse(this.#named(head)) as LogHead[]) this.#log(toLog(line))
        break
    }
  }

  /** Stacks in a message, with the author's module named as in an isolate: the source map belongs to that name. */
  #named(head: string): string {
    return head.replaceAll(BLOB, 'main.js')
  }

  #end(reason: ExitReason, detail: string): void {
    const limit = reason === 'memory' ? this.#options.limits.memory_mb : null
    this.#finish({ reason, detail, limit, used: limit })
  }

  #finish(cause: Pick<Exit, 'reason' | 'detail' | 'limit' | 'used'>): void {
    if (this.#exit !== null) return
    const { reason, detail, limit } = cause
    const exit: Exit = { ...cause, cpu_ms: null, peak_memory_mb: reason === 'memory' ? limit : null }
    this.#exit = exit
    this.#outbound.close()
    this.#settleStart.reject(new BootFailure('module_threw', plainError(detail)))
    this.#settleExit(exit)
    this.#exchanges.close(exit)
  }
}

function plainError(message: string) {
  return { name: 'Error', message, stack: '' }
}
