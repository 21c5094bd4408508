import { KILL_REASONS, type KillReason, type StartKind } from '../domain/outcome.ts'
import { Histogram } from './histogram.ts'
import { formatLabels, type PrometheusText } from './prometheus.ts'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Status codes of one function that are told apart; what else it answers is counted as one. */
const MAX_CODES = 32
const OTHER_CODE = 0
const START_KINDS = ['warm', 'prewarmed', 'cold'] as const

/** Everything counted for one function, in plain numbers. */
export class FunctionMetrics {
  readonly codes = new Map<number, { count: number }>()
  readonly seconds = new Histogram(SECONDS)
  readonly starts: Record<StartKind, number> = { warm: 0, prewarmed: 0, cold: 0 }
  readonly kills = new Map<KillReason, number>()
  calls = 0
  errors = 0
  overhead = 0
  coldStarts = 0
  coldStartErrors = 0

  /** The hot path: one finished call. */
  called(code: number, start: StartKind | null, seconds: number, overhead: number): void {
    const counter = this.codes.get(code) ?? this.#newCode(code)
    counter.count++
    this.seconds.observe(seconds)
    if (start !== null) this.starts[start]++
    this.calls++
    if (code >= 500) this.errors++
    this.overhead += overhead
  }

  killed(reason: KillReason): void {
    this.kills.set(reason, (this.kills.get(reason) ?? 0) + 1)
  }

  #newCode(code: number): { count: number } {
    const key = this.codes.size < MAX_CODES ? code : OTHER_CODE
    const counter = this.codes.get(key) ?? { count: 0 }
    this.codes.set(key, counter)
    return counter
  }
}

/** What is read of a function's pool when metrics are asked for. */
export interface FunctionGauge {
  readonly name: string
  readonly instances: number
  readonly inFlight: number
  readonly queued: number
  /** Calls it can work on at the same time at the most. */
  readonly capacity: number
}

type Named<T> = ReadonlyMap<string, T>

/** Writes the counters of all functions. `inFlight`: by name, to tell how many calls were started. */
export function writeFunctions(
  text: PrometheusText,
  functions: Named<FunctionMetrics>,
  gauges: Named<FunctionGauge>,
): void {
  const each = (metric: string, value: (entry: FunctionMetrics, name: string) => number): void => {
    for (const [name, entry] of functions)
      text.sample(metric, formatLabels({ function_name: name }), value(entry, name))
  }
  const counter = (
    metric: string,
    help: string,
    value: (entry: FunctionMetrics, name: string) => number,
  ): void => {
    text.metric(metric, 'counter', help)
    each(metric, value)
  }
  text.metric('gateway_function_invocation_total', 'counter', 'Finished calls by HTTP status')
  for (const [name, { codes }] of functions) {
    for (const [code, { count }] of codes) {
      const labels = { function_name: name, code: code === OTHER_CODE ? 'other' : String(code) }
      text.sample('gateway_function_invocation_total', formatLabels(labels), count)
    }
  }
  counter(
    'gateway_function_invocation_started',
    'Calls that were begun',
    (entry, name) => entry.calls + (gauges.get(name)?.inFlight ?? 0) + (gauges.get(name)?.queued ?? 0),
  )
  text.metric('gateway_functions_seconds', 'histogram', 'Time from request to the head of the answer')
  for (const [name, { seconds }] of functions)
    seconds.write(text, 'gateway_functions_seconds', { function_name: name })
  text.metric('faas_function_overhead_seconds', 'summary', 'Part of that time that the gateway itself took')
  each('faas_function_overhead_seconds_sum', (entry) => entry.overhead)
  each('faas_function_overhead_seconds_count', (entry) => entry.calls)
  counter(
    'faas_function_errors_total',
    'Calls answered with a status of 500 or more',
    (entry) => entry.errors,
  )
  counter('faas_function_cold_starts_total', 'Instances that were started', (entry) => entry.coldStarts)
  counter(
    'faas_function_cold_start_errors_total',
    'Instances that could not be started',
    (entry) => entry.coldStartErrors,
  )
  text.metric(
    'faas_function_calls_total',
    'counter',
    'Finished calls by what they found: warm, prewarmed, cold',
  )
  for (const [name, { starts }] of functions) {
    for (const start of START_KINDS) {
      text.sample('faas_function_calls_total', formatLabels({ function_name: name, start }), starts[start])
    }
  }
  text.metric('faas_function_kills_total', 'counter', 'Instances that were ended by force, by reason')
  for (const [name, { kills }] of functions) {
    for (const reason of KILL_REASONS) {
      const count = kills.get(reason)
      if (count === undefined) continue
      text.sample('faas_function_kills_total', formatLabels({ function_name: name, reason }), count)
    }
  }
}

/** Writes what the pools look like now. */
export function writeGauges(text: PrometheusText, gauges: Named<FunctionGauge>): void {
  const gauge = (metric: string, help: string, value: (entry: FunctionGauge) => number): void => {
    text.metric(metric, 'gauge', help)
    for (const [name, entry] of gauges)
      text.sample(metric, formatLabels({ function_name: name }), value(entry))
  }
  gauge('gateway_service_count', 'Live instances', (entry) => entry.instances)
  gauge('gateway_function_invocation_inflight', 'Calls being worked on', (entry) => entry.inFlight)
  gauge('faas_function_queue_depth', 'Calls waiting for an instance', (entry) => entry.queued)
  gauge('faas_function_workers_available_percentage', 'Room left of what the limits allow', (entry) =>
    entry.capacity === 0 ? 0 : (100 * Math.max(0, entry.capacity - entry.inFlight)) / entry.capacity,
  )
}
