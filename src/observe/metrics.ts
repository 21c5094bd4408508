import { type ExitReason, KILL_REASONS, type KillReason, type StartKind } from '../domain/outcome.ts'
import type { RuntimeName } from '../domain/runtime-name.ts'
import { type FunctionGauge, FunctionMetrics, writeFunctions, writeGauges } from './function-metrics.ts'
import { Histogram } from './histogram.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { formatLabels, PrometheusText } from './prometheus.ts'

/** Counts what happens, in plain numbers, and shows it as Prometheus text. */
export interface Metrics extends Disposable {
  /**
   * One finished call. Costs well under a microsecond.
   * @param code the HTTP status that the caller saw
   * @param seconds from request to the head of the answer
   * @param overhead the part of `seconds` that was not the function's own
   */
  record(name: string, code: number, start: StartKind | null, seconds: number, overhead: number): void
  /** An instance was started, or could not be. */
  started(name: string, runtime: RuntimeName, ok: boolean, seconds: number): void
  exited(name: string, runtime: RuntimeName, reason: ExitReason): void
  built(result: 'success' | 'failed', seconds: number): void
  /** Drops the figures of a function that was deleted. */
  forget(name: string): void
  /** Prometheus' text format 0.0.4. */
  text(): string
}

export interface MetricsOptions {
  /** Shown as a label, for dashboards that mark releases. */
  readonly version?: string
  /** Read when the text is asked for: one entry per function that is deployed. */
  readonly gauges?: () => Iterable<FunctionGauge>
  /** Functions told apart; those first seen beyond it are counted together. @default 1000 */
  readonly maxFunctions?: number
}

/** The name that stands for all functions beyond `maxFunctions`; no path can be called so. */
const OTHERS = '*others*'
const START_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Makes the counters; they live as long as the gateway. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { version = 'unknown', gauges: readGauges = () => [], maxFunctions = 1000 } = options
  const functions = new Map<string, FunctionMetrics>()
  const starts = new Map<RuntimeName, Histogram>()
  const exits = new Map<string, number>()
  const builds = { success: { count: 0, seconds: 0 }, failed: { count: 0, seconds: 0 } }
  const own = createProcessMetrics()

  const admit = (name: string): FunctionMetrics => {
    const known = functions.size - (functions.has(OTHERS) ? 1 : 0)
    const key = known < maxFunctions ? name : OTHERS
    const entry = functions.get(key) ?? new FunctionMetrics()
    functions.set(key, entry)
    return entry
  }
  const of = (name: string): FunctionMetrics => functions.get(name) ?? admit(name)

  return {
    record(name, code, start, seconds, overhead) {
      of(name).called(code, start, seconds, overhead)
    },
    started(name, runtime, ok, seconds) {
      const entry = of(name)
      if (!ok) {
        entry.coldStartErrors++
        return
      }
      entry.coldStarts++
      const histogram = starts.get(runtime) ?? new Histogram(START_SECONDS)
      starts.set(runtime, histogram)
      histogram.observe(seconds)
    },
    exited(name, runtime, reason) {
      if (isKill(reason)) of(name).killed(reason)
      const labels = formatLabels({ runtime, reason })
      exits.set(labels, (exits.get(labels) ?? 0) + 1)
    },
    built(result, seconds) {
      builds[result].count++
      builds[result].seconds += seconds
    },
    forget(name) {
      functions.delete(name)
    },
    text() {
      const text = new PrometheusText()
      const gauges = gather(readGauges(), functions, maxFunctions)
      text.metric('faas_info', 'gauge', 'The version that runs')
      text.sample('faas_info', formatLabels({ version }), 1)
      writeFunctions(text, functions, gauges)
      writeGauges(text, gauges)
      text.metric('faas_cold_start_seconds', 'histogram', 'Time to start an instance')
      for (const [runtime, histogram] of starts) histogram.write(text, 'faas_cold_start_seconds', { runtime })
      text.metric('faas_instance_exits_total', 'counter', 'Instances that ended, by reason')
      for (const [labels, count] of exits) text.sample('faas_instance_exits_total', labels, count)
      text.metric('faas_builds_total', 'counter', 'Builds that ended')
      for (const [result, { count }] of Object.entries(builds)) {
        text.sample('faas_builds_total', formatLabels({ result }), count)
      }
      text.metric('faas_build_seconds', 'summary', 'Time that builds took')
      for (const [result, { count, seconds }] of Object.entries(builds)) {
        text.sample('faas_build_seconds_sum', formatLabels({ result }), seconds)
        text.sample('faas_build_seconds_count', formatLabels({ result }), count)
      }
      own.write(text)
      return text.toString()
    },
    [Symbol.dispose]() {
      own[Symbol.dispose]()
    },
  }
}

function isKill(reason: ExitReason): reason is KillReason {
  return (KILL_REASONS as readonly string[]).includes(reason)
}

/** Gauges by name, under the same bound: those of one name, and those without one of their own, are added up. */
function gather(
  gauges: Iterable<FunctionGauge>,
  functions: ReadonlyMap<string, FunctionMetrics>,
  max: number,
): ReadonlyMap<string, FunctionGauge> {
  const byName = new Map<string, FunctionGauge>()
  for (const gauge of gauges) {
    const fits = functions.has(gauge.name) || byName.has(gauge.name) || byName.size < max
    const name = fits ? gauge.name : OTHERS
    const sum = byName.get(name)
    byName.set(name, {
      name,
      instances: gauge.instances + (sum?.instances ?? 0),
      inFlight: gauge.inFlight + (sum?.inFlight ?? 0),
      queued: gauge.queued + (sum?.queued ?? 0),
      capacity: gauge.capacity + (sum?.capacity ?? 0),
    })
  }
  return byName
}
