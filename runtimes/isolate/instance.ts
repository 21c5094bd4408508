import type ivm from 'isolated-vm'
import type { ExitHead, Message, StartHead } from '../../src/runtime/wire.ts'
import { TYPE } from '../../src/runtime/wire.ts'
import { TICK } from './bind.ts'
import type { Blank } from './blank.ts'
import type { Port } from './port.ts'

const MIB = 1_048_576
const COPY = { arguments: { copy: true } } as const
/** How often figures are taken from an isolate that works, and its CPU limit is looked at. Milliseconds. */
const USAGE_EVERY = 500
const CPU_EVERY = 10
/** Lines are dropped while so many bytes wait for the gateway. */
const MAX_BACKLOG = 8_388_608
/** Longest pause between two looks at a module that awaits at its top level. */
const POLL_MAX = 20

/** One function in its isolate. All entries are asynchronous, on isolated-vm's own threads: nothing blocks the host. */
export class HostedInstance {
  readonly #number: number
  readonly #blank: Blank
  readonly #start: StartHead
  readonly #port: Port
  readonly #onExit: () => void
  readonly #alone: () => boolean
  #inbox: unknown[] = []
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #cpuWatch: NodeJS.Timeout | undefined
  #cpuAtIdle = 0
  #calls = 0
  #usageAt = 0
  #cpuMs = 0
  #memoryMb = 0
  #peakMb = 0
  #scheduled = false
  #exiting = false
  #rejection: unknown = null

  constructor(
    number: number,
    blank: Blank,
    start: StartHead,
    port: Port,
    onExit: () => void,
    alone: () => boolean,
  ) {
    this.#number = number
    this.#blank = blank
    this.#start = start
    this.#port = port
    this.#onExit = onExit
    this.#alone = alone
    blank.hooks.send = (flat) => this.#outgoing(flat)
    blank.hooks.wake = (ms) => this.#wake(ms)
    blank.hooks.deliver = (flat) => this.#deliver(flat)
  }

  /** Loads the author's module and finds its handler; STARTED or START_FAILED goes out. */
  async load(code: string): Promise<void> {
    const { isolate, context, entry } = this.#blank
    const began = performance.now()
    try {
      const meta = JSON.stringify(this.#start.meta)
      await entry.begin.apply(undefined, [meta])
      const module = await isolate.compileModule(code, { filename: 'main.js' })
      await module.instantiate(context, (specifier) => {
        throw new Error(`import of "${specifier}" was not bundled`)
      })
      await module.evaluate()
      const callback = await this.#evaluated(module)
      const failure = await entry.load.apply(undefined, [meta, callback.derefInto()], {
        result: { copy: true },
      })
      if (failure !== '') {
        await this.#refuse(failure)
        return
      }
      await this.#measure()
      this.#message(TYPE.STARTED, 0, JSON.stringify({ initMs: performance.now() - began }), null)
    } catch (error) {
      if (this.#exiting) return
      if (isolate.isDisposed) {
        this.#died(error)
        return
      }
      await this.#refuse(JSON.stringify(failHead(error)))
    }
  }

  receive(message: Message): void {
    if (this.#exiting) return
    if (message.type === TYPE.CALL) this.#calls++
    // A copy of its own: the bytes lie in a buffer with frames for other instances, and whoever is given a view is
    // given the whole buffer.
    const { data } = message
    this.#inbox.push(
      message.type,
      message.id,
      message.head,
      data === null ? null : new Uint8Array(data as Uint8Array),
    )
    this.#enter()
  }

  /** Ends the isolate; EXITED goes out only when none of its code runs any more. */
  async stop(reason: string, detail: string): Promise<void> {
    if (this.#exiting) return
    this.#exiting = true
    this.#readCpu()
    this.#release()
    if (!this.#blank.isolate.isDisposed) this.#blank.isolate.dispose()
    await this.#running?.catch(() => undefined)
    this.#exited({ reason, detail, limit: null, used: null, cpuMs: this.#cpuMs, peakMb: this.#peakMb })
  }

  /**
   * The author's namespace, once the module has run to its end. isolated-vm does not wait for a top-level
   * `await`: until it is over, the binding is there and cannot be read.
   */
  async #evaluated(module: ivm.Module): Promise<ivm.Reference> {
    for (let pause = 1; ; pause = Math.min(pause * 2, POLL_MAX)) {
      try {
        return await module.namespace.get('callback', { reference: true })
      } catch (error) {
        if (this.#exiting || this.#blank.isolate.isDisposed) throw error
        if (this.#rejection !== null) throw this.#rejection
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  async #refuse(fail: string): Promise<void> {
    this.#message(TYPE.START_FAILED, 0, fail, null)
    await this.stop('boot_failed', 'its module could not be loaded')
  }

  #deliver(flat: readonly unknown[]): void {
    if (this.#exiting) return
    this.#inbox.push(...flat)
    this.#enter()
  }

  /**
   * One entry at a time: what comes meanwhile makes the next batch. On a thread of its own, unless the isolate is
   * alone in this process: then nobody else can be kept waiting, and the two hops between threads are saved.
   */
  #enter(): void {
    if (this.#running !== null || this.#inbox.length === 0) return
    if (this.#start.cpuMs === null && this.#alone()) {
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#enterHere())
      return
    }
    this.#watchCpu()
    this.#running = this.#blank.entry.receive.apply(undefined, [this.#take(), false], COPY).then(
      () => this.#left(),
      (error: unknown) => this.#failed(error),
    )
  }

  #enterHere(): void {
    this.#scheduled = false
    if (this.#exiting || this.#running !== null || this.#inbox.length === 0) return
    try {
      this.#blank.entry.receive.applySync(undefined, [this.#take(), true], COPY)
      this.#left()
    } catch (error) {
      this.#failed(error)
    }
  }

  #take(): unknown[] {
    const flat = this.#inbox
    this.#inbox = []
    return flat
  }

  #left(): void {
    this.#running = null
    clearInterval(this.#cpuWatch)
    this.#cpuWatch = undefined
    if (this.#exiting) return
    const now = Date.now()
    if (now - this.#usageAt >= USAGE_EVERY) {
      this.#usageAt = now
      void this.#measure().catch(() => undefined)
    }
    this.#enter()
  }

  /** An entry fails when its isolate was disposed, or to tell of a rejection that nobody handled. */
  #failed(error: unknown): void {
    if (this.#exiting || this.#blank.isolate.isDisposed) {
      this.#died(error)
      return
    }
    this.#rejection = error
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    const line = {
      r: null,
      l: 'error',
      t: Date.now(),
      m: `Uncaught (in promise) ${stack ?? `${name}: ${message}`}`,
    }
    this.#message(TYPE.LOG, 0, JSON.stringify([line]), null)
    this.#left()
  }

  #died(error: unknown): void {
    this.#running = null
    if (this.#exiting) return
    this.#exiting = true
    this.#readCpu()
    this.#release()
    const text = error instanceof Error ? error.message : String(error)
    const memory = /memory/i.test(text)
    const limit = memory ? this.#start.memoryMb : null
    const detail = memory
      ? `it used more than ${this.#start.memoryMb} MB of memory`
      : `its isolate ended: ${text}`
    if (!this.#blank.isolate.isDisposed) this.#blank.isolate.dispose()
    this.#exited({
      reason: memory ? 'memory' : 'crash',
      detail,
      limit,
      used: memory ? Math.max(this.#peakMb, this.#start.memoryMb) : null,
      cpuMs: this.#cpuMs,
      peakMb: memory ? Math.max(this.#peakMb, this.#start.memoryMb) : this.#peakMb,
    })
  }

  #outgoing(flat: unknown[]): void {
    if (this.#exiting) return
    for (let at = 0; at + 3 < flat.length; at += 4) {
      const type = flat[at] as number
      if (type === TYPE.ANSWER || type === TYPE.FAIL) this.#calls--
      // A loop that prints without end must not fill our memory, which it could while we wait for it.
      if (type === TYPE.LOG && this.#port.backlog > MAX_BACKLOG) continue
      this.#message(
        type,
        flat[at + 1] as number,
        flat[at + 2] as string,
        flat[at + 3] as Uint8Array | string | null,
      )
      if (type === TYPE.LOG) this.#port.flush()
    }
  }

  #wake(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#deliver(TICK), Math.max(0, ms))
  }

  /** A CPU limit is per call: what the isolate burnt since it last had none, shared by the calls since then. */
  #watchCpu(): void {
    const limit = this.#start.cpuMs
    if (limit === null || this.#cpuWatch !== undefined) return
    if (this.#calls <= 1) this.#cpuAtIdle = this.#readCpu()
    this.#cpuWatch = setInterval(() => {
      const used = this.#readCpu() - this.#cpuAtIdle
      if (used <= limit * Math.max(1, this.#calls) || this.#exiting) return
      this.#exiting = true
      clearInterval(this.#cpuWatch)
      this.#release()
      this.#blank.isolate.dispose()
      const detail = `it used ${Math.round(used)} ms of CPU in one call, more than its ${limit} ms`
      void (this.#running ?? Promise.resolve())
        .catch(() => undefined)
        .then(() =>
          this.#exited({
            reason: 'cpu',
            detail,
            limit,
            used: Math.round(used),
            cpuMs: this.#cpuMs,
            peakMb: this.#peakMb,
          }),
        )
    }, CPU_EVERY)
  }

  async #measure(): Promise<void> {
    const heap = await this.#blank.isolate.getHeapStatistics()
    this.#memoryMb = round((heap.used_heap_size + heap.externally_allocated_size) / MIB)
    this.#peakMb = Math.max(this.#peakMb, this.#memoryMb)
    this.#readCpu()
    const usage = { cpuMs: round(this.#cpuMs), memoryMb: this.#memoryMb, peakMb: this.#peakMb }
    this.#message(TYPE.USAGE, 0, JSON.stringify(usage), null)
  }

  #readCpu(): number {
    try {
      this.#cpuMs = Number(this.#blank.isolate.cpuTime) / 1e6
    } catch {
      // Disposed: the last reading stands.
    }
    return this.#cpuMs
  }

  #release(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#cpuWatch)
    this.#inbox = []
  }

  #exited(head: ExitHead): void {
    this.#message(TYPE.EXITED, 0, JSON.stringify({ ...head, cpuMs: round(head.cpuMs ?? 0) }), null)
    this.#onExit()
  }

  #message(type: number, id: number, head: string, data: Uint8Array | string | null): void {
    this.#port.send({ type, instance: this.#number, id, head, data })
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function failHead(error: unknown): object {
  const thrown = error instanceof Error ? error : new Error(String(error))
  return { kind: 'threw', name: thrown.name, message: thrown.message, stack: thrown.stack ?? '' }
}
