import process from 'node:process'
import { Worker } from 'node:worker_threads'

/** The program of the watchdog's thread: put in when the guest is bundled. */
const WATCHDOG = 'FAAS_WATCHDOG'
/** What the thread itself may use. MiB. */
const RESOURCES = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }

/** A limit on the CPU time of a call: what the process has used since it last had none, for each call under way. */
export class CpuLimit {
  readonly #calls: Int32Array<SharedArrayBuffer>
  readonly #began: Float64Array<SharedArrayBuffer>

  /** @param limit milliseconds; past it the process ends by SIGXCPU */
  constructor(limit: number) {
    const state = new SharedArrayBuffer(16)
    this.#calls = new Int32Array(state, 0, 1)
    this.#began = new Float64Array(state, 8, 1)
    const options = { eval: true, workerData: { state, limit }, resourceLimits: RESOURCES, env: {} }
    new Worker(WATCHDOG, { ...options, execArgv: [], stdin: false }).unref()
  }

  /** @param count calls that are under way now */
  update(count: number): void {
    if (Atomics.load(this.#calls, 0) === 0 && count > 0) {
      const { user, system } = process.cpuUsage()
      this.#began[0] = (user + system) / 1000
    }
    Atomics.store(this.#calls, 0, count)
    Atomics.notify(this.#calls, 0)
  }
}
