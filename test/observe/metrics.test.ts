import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts'

const test = suite('metrics')

/** The samples of a text, by name and labels. */
function samples(metrics: Metrics): Map<string, number> {
  const lines = metrics
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(.+) (\S+)$/.exec(line)!
      return [name!, Number(value === '+Inf' ? 'Infinity' : value)]
    }),
  )
}

test('counts calls under the names of the field', () => {
  using metrics = createMetrics({ version: '1.2.3' })
  metrics.record('hello', 200, 'warm', 0.004, 0.001)
  metrics.record('hello', 200, 'cold', 0.02, 0.018)
  metrics.record('hello', 500, 'warm', 40, 0.5)
  const found = samples(metrics)
  assert.is(found.get('gateway_function_invocation_total{function_name="hello",code="200"}'), 2)
  assert.is(found.get('gateway_function_invocation_total{function_name="hello",code="500"}'), 1)
  assert.is(found.get('gateway_functions_seconds_bucket{function_name="hello",le="0.0025"}'), 0)
  assert.is(found.get('gateway_functions_seconds_bucket{function_name="hello",le="0.005"}'), 1)
  assert.is(found.get('gateway_functions_seconds_bucket{function_name="hello",le="0.025"}'), 2)
  assert.is(found.get('gateway_functions_seconds_bucket{function_name="hello",le="30"}'), 2)
  assert.is(found.get('gateway_functions_seconds_bucket{function_name="hello",le="+Inf"}'), 3)
  assert.is(found.get('gateway_functions_seconds_count{function_name="hello"}'), 3)
  assert.ok(Math.abs(found.get('gateway_functions_seconds_sum{function_name="hello"}')! - 40.024) < 1e-9)
  assert.is(found.get('faas_function_errors_total{function_name="hello"}'), 1)
  assert.is(found.get('faas_function_overhead_seconds_count{function_name="hello"}'), 3)
  assert.is(found.get('faas_function_calls_total{function_name="hello",start="warm"}'), 2)
  assert.is(found.get('faas_function_calls_total{function_name="hello",start="cold"}'), 1)
  assert.is(found.get('faas_info{version="1.2.3"}'), 1)
})

test('a bound belongs to its bucket', () => {
  using metrics = createMetrics()
  metrics.record('f', 200, 'warm', 0.005, 0)
  assert.is(samples(metrics).get('gateway_functions_seconds_bucket{function_name="f",le="0.005"}'), 1)
})

test('counts starts, exits and builds', () => {
  using metrics = createMetrics()
  metrics.started('f', 'isolate', true, 0.004)
  metrics.started('f', 'isolate', false, 1)
  metrics.exited('hello', 'isolate', 'memory')
  metrics.exited('hello', 'isolate', 'memory')
  metrics.exited('hello', 'isolate', 'idle')
  metrics.built('success', 0.2)
  metrics.built('failed', 0.1)
  const found = samples(metrics)
  assert.is(found.get('faas_function_cold_starts_total{function_name="f"}'), 1)
  assert.is(found.get('faas_function_cold_start_errors_total{function_name="f"}'), 1)
  assert.is(found.get('faas_cold_start_seconds_count{runtime="isolate"}'), 1)
  assert.is(found.get('faas_instance_exits_total{runtime="isolate",reason="memory"}'), 2)
  assert.is(found.get('faas_function_kills_total{function_name="hello",reason="memory"}'), 2)
  assert.not.ok(found.has('faas_function_kills_total{function_name="hello",reason="idle"}'))
  assert.is(found.get('faas_builds_total{result="failed"}'), 1)
  assert.is(found.get('faas_build_seconds_sum{result="success"}'), 0.2)
})

test('shows the pools as they are', () => {
  const gauge = { name: 'f', instances: 2, inFlight: 3, queued: 1, capacity: 12 }
  using metrics = createMetrics({ gauges: () => [gauge, { ...gauge, instances: 1, inFlight: 0, queued: 0 }] })
  metrics.record('f', 200, 'warm', 0.1, 0)
  const found = samples(metrics)
  assert.is(found.get('gateway_service_count{function_name="f"}'), 3)
  assert.is(found.get('gateway_function_invocation_inflight{function_name="f"}'), 3)
  assert.is(found.get('gateway_function_invocation_started{function_name="f"}'), 5)
  assert.is(found.get('faas_function_queue_depth{function_name="f"}'), 1)
  assert.is(found.get('faas_function_workers_available_percentage{function_name="f"}'), 87.5)
})

test('escapes what a label cannot hold', () => {
  using metrics = createMetrics()
  metrics.record('a"b\\c\nd\ud800', 200, 'warm', 0, 0)
  assert.match(metrics.text(), 'function_name="a\\"b\\\\c\\nd\ufffd"')
})

test('is valid text: each metric once, its samples together, its type before them', () => {
  using metrics = createMetrics({
    gauges: () => [{ name: 'f', instances: 1, inFlight: 0, queued: 0, capacity: 1 }],
  })
  metrics.record('f', 200, 'warm', 0.1, 0)
  metrics.record('g', 404, null, 0.1, 0)
  metrics.started('f', 'worker', true, 0.01)
  metrics.exited('hello', 'worker', 'idle')
  const declared = new Set<string>()
  let current = ''
  for (const line of metrics.text().trimEnd().split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)
    if (type !== null) {
      assert.not.ok(declared.has(type[1]!), line)
      declared.add(type[1]!)
      current = type[1]!
    } else if (!line.startsWith('# HELP ')) {
      assert.match(line, /^[a-z_]+(\{([a-z_]+="(\\.|[^"\\])*",?)+\})? (\d|\+Inf)/)
      const name = /^[a-z_]+/.exec(line)![0].replace(/_(bucket|sum|count)$/, '')
      assert.ok(name === current || /^[a-z_]+/.exec(line)![0] === current, line)
    }
  }
  assert.ok(declared.has('process_resident_memory_bytes'))
  assert.is(samples(metrics).get('process_heap_bytes')! > 1_000_000, true)
})

test('ten thousand functions stay within their bound', () => {
  const gauges = Array.from({ length: 10_000 }, (_, n) => ({
    name: `f${n}`,
    instances: 1,
    inFlight: 0,
    queued: 0,
    capacity: 1,
  }))
  using metrics = createMetrics({ maxFunctions: 50, gauges: () => gauges })
  for (let n = 0; n < 10_000; n++) metrics.record(`f${n}`, 200, 'warm', 0.001, 0)
  const found = samples(metrics)
  assert.is(found.get('gateway_function_invocation_total{function_name="f49",code="200"}'), 1)
  assert.is(found.get('gateway_function_invocation_total{function_name="f50",code="200"}'), undefined)
  assert.is(found.get('gateway_function_invocation_total{function_name="*others*",code="200"}'), 9950)
  assert.is(found.get('gateway_service_count{function_name="*others*"}'), 9950)
  metrics.forget('f0')
  metrics.record('new', 200, 'warm', 0.001, 0)
  assert.is(samples(metrics).get('gateway_function_invocation_total{function_name="new",code="200"}'), 1)
})

test('a function that answers with every status stays within its bound', () => {
  using metrics = createMetrics()
  for (let code = 200; code < 600; code++) metrics.record('f', code, 'warm', 0, 0)
  const codes = [...samples(metrics).keys()].filter((name) =>
    name.startsWith('gateway_function_invocation_total'),
  )
  assert.is(codes.length, 33)
})

test('one call costs little', () => {
  using metrics = createMetrics()
  const run = (): number => {
    const started = performance.now()
    for (let n = 0; n < 200_000; n++) metrics.record('hello', 200, 'warm', 0.003, 0.0005)
    return ((performance.now() - started) / 200_000) * 1000
  }
  const best = Math.min(...Array.from({ length: 5 }, run))
  assert.ok(best < 0.3, `${best.toFixed(3)} µs`)
})

test.run()
