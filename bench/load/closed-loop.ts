import { Connection } from './connection.ts'
import { Histogram } from './histogram.ts'
import {
  checkPlan,
  type LoadPlan,
  type LoadReport,
  MAX_REQUESTS,
  REQUEST_WITHIN,
  requestBytes,
} from './plan.ts'

/** Before a connection that lost its server tries again. Milliseconds. */
const RETRY_AFTER = 10
const CHECK_EVERY = 250
const US_PER_MS = 1000

/** One connection that asks again as soon as it is answered. */
interface Client {
  readonly connection: Connection
  /** When the request under way was written. */
  sentAt: number
}

/**
 * Runs a closed loop: each connection sends its next request when it has the answer to the one before. Requests
 * written within the measured time are counted, those among them that are answered after it too: a slow answer
 * must not vanish because the time was up. Only answers within the time count for the rate.
 * @throws RangeError for a plan out of its bounds
 */
export async function runClosedLoop(plan: LoadPlan): Promise<LoadReport> {
  checkPlan(plan)
  return new ClosedLoop(plan).run()
}

class ClosedLoop {
  readonly #plan: LoadPlan
  readonly #request: Buffer
  readonly #clients: Client[] = []
  readonly #latency = new Histogram()
  readonly #statuses = new Map<number, number>()
  readonly #errors = new Map<string, number>()
  readonly #from: number
  readonly #until: number
  #requests = 0
  #ended = 0
  #failures = 0
  #inTime = 0
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 }
  #cpuAt = 0
  #generatorLoad = 0
  #timeUp = false
  #settle: () => void = () => undefined

  constructor(plan: LoadPlan) {
    this.#plan = plan
    this.#request = requestBytes(plan)
    this.#from = performance.now() + plan.leadMs
    this.#until = this.#from + plan.durationMs
  }

  async run(): Promise<LoadReport> {
    for (let index = 0; index < this.#plan.connections; index++) this.#add()
    const watch = setInterval(() => this.#expire(), CHECK_EVERY)
    const begin = setTimeout(() => this.#begin(), this.#plan.leadMs)
    const end = setTimeout(() => this.#end(), this.#plan.leadMs + this.#plan.durationMs)
    await new Promise<void>((resolve) => {
      this.#settle = resolve
    })
    for (const timer of [watch, begin, end]) clearTimeout(timer)
    for (const { connection } of this.#clients) connection.close()
    return this.#report()
  }

  #add(): void {
    const client: Client = {
      sentAt: 0,
      connection: new Connection(this.#plan.host, this.#plan.port, {
        answered: ({ status }) => this.#answered(client, status),
        failed: (reason) => this.#failed(client, reason),
      }),
    }
    this.#clients.push(client)
    this.#send(client)
  }

  #send(client: Client): void {
    const now = performance.now()
    if (this.#timeUp || now >= this.#until || this.#ended >= MAX_REQUESTS) {
      this.#settleWhenQuiet()
      return
    }
    client.sentAt = now
    client.connection.send(this.#request)
  }

  #answered(client: Client, status: number): void {
    const now = performance.now()
    this.#ended++
    if (client.sentAt >= this.#from) {
      this.#requests++
      this.#latency.record((now - client.sentAt) * US_PER_MS)
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
      if (status >= 400) this.#failures++
      else if (now <= this.#until) this.#inTime++
    }
    this.#send(client)
  }

  /** A request that failed took as long as it took: left out it would flatter the percentiles. */
  #failed(client: Client, reason: string): void {
    this.#ended++
    if (client.sentAt >= this.#from) {
      this.#requests++
      this.#failures++
      this.#latency.record((performance.now() - client.sentAt) * US_PER_MS)
      this.#errors.set(reason, (this.#errors.get(reason) ?? 0) + 1)
    }
    setTimeout(() => this.#send(client), RETRY_AFTER)
  }

  #expire(): void {
    const now = performance.now()
    for (const { connection, sentAt } of this.#clients) {
      if (connection.waiting && now - sentAt > REQUEST_WITHIN) connection.abort('timeout')
    }
  }

  #begin(): void {
    this.#cpu = process.cpuUsage()
    this.#cpuAt = performance.now()
  }

  #end(): void {
    const { user, system } = process.cpuUsage(this.#cpu)
    const elapsed = performance.now() - this.#cpuAt
    this.#generatorLoad = (user + system) / US_PER_MS / elapsed
    this.#timeUp = true
    this.#settleWhenQuiet()
  }

  #settleWhenQuiet(): void {
    if (this.#timeUp && !this.#clients.some(({ connection }) => connection.waiting)) this.#settle()
  }

  #report(): LoadReport {
    const at = (percent: number) => this.#latency.percentile(percent) / US_PER_MS
    const { min, mean, max } = this.#latency
    return {
      rps: this.#inTime / (this.#plan.durationMs / 1000),
      requests: this.#requests,
      ended: this.#ended,
      failures: this.#failures,
      statuses: Object.fromEntries(this.#statuses),
      errors: Object.fromEntries(this.#errors),
      latency: {
        min: min / US_PER_MS,
        mean: mean / US_PER_MS,
        p50: at(50),
        p95: at(95),
        p99: at(99),
        p999: at(99.9),
        max: max / US_PER_MS,
      },
      generatorLoad: this.#generatorLoad,
    }
  }
}
