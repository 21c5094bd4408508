import type ivm from 'isolated-vm'
import type { ExitHead, Message, StartHead } from '../../src/runtime/wire.ts'
import { TYPE } from '../../src/runtime/wire.ts'
import { TICK } from './bind.ts'
import type { Blank } from './blank.ts'
import { CpuWatch } from './cpu-watch.ts'
import type { MemoryWatch, Watched } from './memory-watch.ts'
import { isMessage } from './outgoing.ts'
import type { Port } from './port.ts'
import { Rejections } from './rejection.ts'

const MIB = 1_048_576
/**
 * How much longer than the function's time limit it may keep its thread without a pause. The gateway's clock ends
 * calls before that: this is for code that runs when no call waits for it. Milliseconds.
 */
const UNATTENDED = 250
/** How often figures are taken from an isolate that works. Milliseconds. */
const USAGE_EVERY = 500
/** Lines are dropped while so many bytes wait for the gateway. */
const MAX_BACKLOG = 8_388_608
/** Code up to this many characters is compiled on the host's own thread: it takes less than a hop to another one. */
const COMPILED_HERE = 65_536
/** Only code that names one of these needs the fine clock, which takes a millisecond to set up. */
const TELLS_TIME = /Temporal|performance|timeStamp|hrtime/
/** Longest pause between two looks at a module that awaits at its top level. */
const POLL_MAX = 20

type Data = Uint8Array | string | null

const BROKEN = 'it sent what is no message: it replaced what the platform inside it stands on'

/** One function in its isolate. All entries are asynchronous, on isolated-vm's own threads: nothing blocks the host. */
export class HostedInstance implements Watched {
  readonly #number: number
  readonly #blank: Blank
  readonly #start: StartHead
  readonly #port: Port
  readonly #onExit: () => void
  readonly #alone: () => boolean
  readonly #watch: MemoryWatch
  readonly #entryOptions: { arguments: { copy: true }; timeout: number }
  #enteredAt = 0
  #inbox: unknown[] = []
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  readonly #cpuWatch: CpuWatch
  #calls = 0
  #usageAt = 0
  #cpuMs = 0
  #memoryMb = 0
  #peakMb = 0
  #scheduled = false
  #exiting = false
  #rejection: unknown = null
  readonly #rejections = new Rejections()

  constructor(
    number: number,
    blank: Blank,
    start: StartHead,
    port: Port,
    onExit: () => void,
    alone: () => boolean,
    watch: MemoryWatch,
  ) {
    this.#number = number
    this.#blank = blank
    this.#start = start
    this.#port = port
    this.#onExit = onExit
    this.#alone = alone
    this.#watch = watch
    this.#cpuWatch = new CpuWatch(
      start.cpuMs,
      () => this.#readCpu(),
      (limit, used) => {
        const detail = `it used ${used} ms of CPU in one call, more than its ${limit} ms`
        void this.stop('cpu', detail, limit, used)
      },
    )
    this.#entryOptions = { arguments: { copy: true }, timeout: start.meta.timeoutMs + UNATTENDED }
    blank.hooks.send = (flat) => this.#outgoing(flat)
    blank.hooks.wake = (ms) => this.#wake(ms)
    blank.hooks.deliver = (flat) => this.#deliver(flat)
    blank.hooks.overdrawn = () => this.overdrew()
  }

  /** Loads the author's module and finds its handler; STARTED or START_FAILED goes out. */
  async load(code: string): Promise<void> {
    const { isolate, context, entry } = this.#blank
    const began = performance.now()
    try {
      const meta = JSON.stringify(this.#start.meta)
      // What runs none of the author's code runs here: each hop to a thread and back costs as much as all of it.
      entry.begin.applySync(undefined, [meta, this.#start.logLines, TELLS_TIME.test(code)])
      const file = { filename: 'main.js' }
      const module =
        code.length <= COMPILED_HERE
          ? isolate.compileModuleSync(code, file)
          : await isolate.compileModule(code, file)
      module.instantiateSync(context, (specifier) => {
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
      if (this.#running === null) this.#measure()
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
  async stop(
    reason: string,
    detail: string,
    limit: number | null = null,
    used: number | null = null,
  ): Promise<void> {
    if (this.#exiting) return
    this.#exiting = true
    this.#readCpu()
    this.#release()
    if (!this.#blank.isolate.isDisposed) this.#blank.isolate.dispose()
    await this.#running?.catch(() => undefined)
    this.#exited({ reason, detail, limit, used, cpuMs: this.#cpuMs, peakMb: this.#peakMb })
  }

  get memoryMb(): number {
    return this.#start.memoryMb
  }

  /** It took more memory than it may, by ways that isolated-vm's own limit does not see. */
  overdrew(usedMb = this.memoryMb): void {
    const { memoryMb } = this
    this.#peakMb = Math.max(this.#peakMb, usedMb)
    void this.stop('memory', `it used more than ${memoryMb} MB of memory`, memoryMb, this.#peakMb)
  }

  /**
   * The author's namespace, once the module has run to its end. isolated-vm does not wait for a top-level
   * `await`: until it is over, the binding is there and cannot be read.
   */
  async #evaluated(module: ivm.Module): Promise<ivm.Reference> {
    for (let pause = 1; ; pause = Math.min(pause * 2, POLL_MAX)) {
      try {
        // While an entry runs, this thread would have to wait for it.
        return this.#running === null
          ? module.namespace.getSync('callback', { reference: true })
          : await module.namespace.get('callback', { reference: true })
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
    this.#cpuWatch.begin(() => this.#calls)
    this.#watch.entered(this)
    this.#running = this.#blank.entry.receive
      .apply(undefined, [this.#take(), false], this.#entryOptions)
      .then(
        () => this.#left(),
        (error: unknown) => this.#failed(error),
      )
      // Trouble with one instance must not take the process from the others.
      .catch((error: unknown) => this.stop('crash', `its host could not go on with it: ${String(error)}`))
  }

  #enterHere(): void {
    this.#scheduled = false
    if (this.#exiting || this.#running !== null || this.#inbox.length === 0) return
    try {
      this.#blank.entry.receive.applySync(undefined, [this.#take(), true], this.#entryOptions)
      this.#left()
    } catch (error) {
      this.#failed(error)
    }
  }

  #take(): unknown[] {
    this.#enteredAt = performance.now()
    const flat = this.#inbox
    this.#inbox = []
    return flat
  }

  #left(): void {
    this.#running = null
    this.#watch.left(this)
    this.#cpuWatch.end()
    if (this.#exiting) return
    const now = Date.now()
    if (now - this.#usageAt >= USAGE_EVERY) {
      this.#usageAt = now
      this.#measure()
    }
    this.#enter()
  }

  /** An entry fails when its isolate was disposed, or to tell of a rejection that nobody handled. */
  #failed(error: unknown): void {
    if (this.#exiting || this.#blank.isolate.isDisposed) {
      this.#died(error)
      return
    }
    const { timeout } = this.#entryOptions
    const used = performance.now() - this.#enteredAt
    // Only isolated-vm itself can be right about the time: an author may throw the same words.
    if (used >= timeout && error instanceof Error && error.message === 'Script execution timed out.') {
      const detail = `it kept its thread for ${Math.round(used)} ms without a pause`
      void this.stop('timeout', detail, this.#start.meta.timeoutMs, Math.round(used))
      return
    }
    // What was to be handed over did not fit into the isolate: it is lost, and whoever waits for it would wait in vain.
    if (error instanceof RangeError && error.message === 'Array buffer allocation failed') {
      this.overdrew()
      return
    }
    this.#rejection = error
    this.#inbox.push(...this.#rejections.message(error))
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
      const id = flat[at + 1] as number
      const head = flat[at + 2] as string
      const data = flat[at + 3] as Data
      if (!isMessage(type, id, head, data)) {
        void this.stop('crash', BROKEN)
        return
      }
      if (type === TYPE.ANSWER || type === TYPE.FAIL) this.#calls--
      // A loop that prints without end must not fill our memory, which it could while we wait for it.
      if (type === TYPE.LOG && this.#port.backlog > MAX_BACKLOG) continue
      this.#message(type, id, head, data ?? null)
      if (type === TYPE.LOG) this.#port.flush()
    }
  }

  #wake(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#deliver(TICK), Math.max(0, ms))
  }

  /** Only between entries: it needs the isolate. */
  #measure(): void {
    let heap: ivm.HeapStatistics
    try {
      heap = this.#blank.isolate.getHeapStatisticsSync()
    } catch {
      // It is gone, which the next entry finds: the last figures stand.
      return
    }
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
    this.#watch.left(this)
    this.#blank.hooks.closed = true
    clearTimeout(this.#timer)
    this.#cpuWatch.end()
    this.#inbox = []
  }

  #exited(head: ExitHead): void {
    this.#message(TYPE.EXITED, 0, JSON.stringify({ ...head, cpuMs: round(head.cpuMs ?? 0) }), null)
    this.#onExit()
  }

  #message(type: number, id: number, head: string, data: Data): void {
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
