import process from 'node:process'
import { clearInterval, setInterval } from 'node:timers'
import type { PrometheusText } from './prometheus.ts'

const EVERY_MS = 500
/** Samples that the maximum looks back on: a minute. */
const KEPT = 120

/** What the gateway's own process uses; it watches the event loop until it is disposed. */
export interface ProcessMetrics extends Disposable {
  write(text: PrometheusText): void
}

/** Starts watching. The lag is how late a timer fires: the same on every host. */
export function createProcessMetrics(): ProcessMetrics {
  const started = Date.now() / 1000 - process.uptime()
  const lags: number[] = []
  let due = performance.now() + EVERY_MS
  const timer = setInterval(() => {
    const now = performance.now()
    lags.push(Math.max(0, now - due) / 1000)
    if (lags.length > KEPT) lags.shift()
    due = now + EVERY_MS
  }, EVERY_MS)
  timer.unref()

  return {
    write(text) {
      const cpu = process.cpuUsage()
      const memory = process.memoryUsage()
      const single = (name: string, type: 'counter' | 'gauge', help: string, value: number): void => {
        text.metric(name, type, help)
        text.sample(name, '', value)
      }
      single(
        'process_cpu_seconds_total',
        'counter',
        'CPU time of the gateway process',
        (cpu.user + cpu.system) / 1e6,
      )
      single('process_resident_memory_bytes', 'gauge', 'Resident memory of the gateway process', memory.rss)
      single('process_heap_bytes', 'gauge', 'JavaScript heap in use', memory.heapUsed)
      single('process_start_time_seconds', 'gauge', 'Start of the process, seconds since the epoch', started)
      single('nodejs_eventloop_lag_seconds', 'gauge', 'How late the event loop was last', lags.at(-1) ?? 0)
      single(
        'nodejs_eventloop_lag_max_seconds',
        'gauge',
        'The latest it was in a minute',
        Math.max(0, ...lags),
      )
    },
    [Symbol.dispose]() {
      clearInterval(timer)
    },
  }
}
