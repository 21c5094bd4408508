import { treeCpuSeconds } from '../cpu-time.ts'
import { HELLO_BODY, HELLO_PATH } from '../functions.ts'
import { startHttpClient } from '../http-client.ts'
import { type LoadGenerator, startLoadGenerator } from '../load/generator.ts'
import type { LoadReport } from '../load/plan.ts'
import { startGatewaySubject } from '../peers/gateway.ts'
import { startHono } from '../peers/hono.ts'
import type { Subject } from '../peers/subject.ts'
import { startWorkerd } from '../peers/workerd.ts'
import { type Series, type Unit, valuesOf } from '../results.ts'
import { pairwise } from '../stats.ts'
import type { Case, Measured, RunOptions } from './case.ts'
import { judge, notesOf } from './throughput-verdict.ts'

const HOST = '127.0.0.1'
const CONNECTIONS = 32
const LEAD_MS = 300
const FULL = { rounds: 8, roundMs: 4000, warmUpMs: 4000 }
const QUICK = { rounds: 3, roundMs: 1500, warmUpMs: 1500 }

/** A place in a round: the gateway has two, so that the same thing measured twice shows the noise. */
interface Turn {
  readonly label: string
  readonly subject: Subject
}

/** Warm hello over HTTP: this gateway, workerd and bare Hono, in turns. */
export const throughput: Case = {
  name: 'throughput',
  async run(options) {
    await using generator = startLoadGenerator()
    await using gateway = await startGatewaySubject()
    await using workerd = await startWorkerd()
    await using hono = await startHono()
    const turns: Turn[] = [
      { label: 'gateway', subject: gateway },
      { label: 'workerd', subject: workerd },
      { label: 'hono', subject: hono },
      { label: 'gateway again', subject: gateway },
    ]
    return await measure(turns, generator, options)
  },
}

async function measure(
  turns: readonly Turn[],
  generator: LoadGenerator,
  options: RunOptions,
): Promise<Measured> {
  const size = options.quick ? QUICK : FULL
  const rounds = options.rounds ?? size.rounds
  for (const subject of new Set(turns.map((turn) => turn.subject))) {
    await checkAnswer(subject)
    options.progress(`warming ${subject.name} up`)
    await load(generator, subject, size.warmUpMs)
  }
  const recorder = new Recorder()
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`)
    // Every other round goes backwards, so that no subject always comes after the same one.
    for (const { label, subject } of round % 2 === 0 ? turns : turns.toReversed()) {
      const before = await treeCpuSeconds(subject.pid)
      const report = await load(generator, subject, size.roundMs)
      const after = await treeCpuSeconds(subject.pid)
      recorder.add(label, report, before === null || after === null ? null : after - before)
    }
  }
  const { series } = recorder
  const rps = (label: string) => valuesOf(series, label, 'rps')
  const p99 = (label: string) => valuesOf(series, label, 'p99')
  const ratios = [
    { name: 'rps: gateway / workerd', values: pairwise(rps('gateway'), rps('workerd')) },
    { name: 'rps: gateway / hono', values: pairwise(rps('gateway'), rps('hono')) },
    { name: 'p99: gateway / workerd', values: pairwise(p99('gateway'), p99('workerd')) },
    { name: 'rps: gateway / gateway again (noise)', values: pairwise(rps('gateway'), rps('gateway again')) },
    { name: 'p99: gateway / gateway again (noise)', values: pairwise(p99('gateway'), p99('gateway again')) },
  ]
  return {
    about:
      `Warm hello over HTTP, closed loop, ${CONNECTIONS} kept-alive connections, ` +
      `${rounds} rounds in turns of ${size.roundMs / 1000} s each; medians over the rounds`,
    layout: 'rounds',
    series,
    ratios,
    targets: judge(ratios),
    failures: recorder.failures,
    notes: notesOf(series, ratios),
  }
}

/** @throws Error unless the subject answers what it should: only then its speed means anything */
async function checkAnswer({ name, port }: Subject): Promise<void> {
  const client = startHttpClient(HOST, port)
  const { status, body } = await client.request('GET', HELLO_PATH)
  client.close()
  if (status !== 200 || body !== HELLO_BODY)
    throw new Error(`Cannot measure ${name}: it answered ${status} ${JSON.stringify(body)}`)
}

async function load(generator: LoadGenerator, subject: Subject, durationMs: number): Promise<LoadReport> {
  const plan = { host: HOST, port: subject.port, path: HELLO_PATH, connections: CONNECTIONS }
  const report = await generator.run({ ...plan, durationMs, leadMs: LEAD_MS })
  if (report.rps > 0) return report
  const why = JSON.stringify({ ...report.statuses, ...report.errors })
  throw new Error(`Cannot measure ${subject.name}: nothing succeeded: ${why}`)
}

/** Gathers the rounds' figures as series. */
class Recorder {
  readonly series: (Series & { readonly values: number[] })[] = []
  readonly failures: Record<string, number> = {}

  add(label: string, report: LoadReport, cpuSeconds: number | null): void {
    const { latency } = report
    this.#push(label, 'rps', 'per second', report.rps)
    this.#push(label, 'p50', 'ms', latency.p50)
    this.#push(label, 'p95', 'ms', latency.p95)
    this.#push(label, 'p99', 'ms', latency.p99)
    this.#push(label, 'max', 'ms', latency.max)
    if (cpuSeconds !== null) this.#push(label, 'cpu per request', 'µs', (cpuSeconds * 1e6) / report.ended)
    this.#push(label, 'generator load', 'share', report.generatorLoad)
    this.failures[label] = (this.failures[label] ?? 0) + report.failures
  }

  #push(subject: string, metric: string, unit: Unit, value: number): void {
    const known = this.series.find((entry) => entry.subject === subject && entry.metric === metric)
    if (known === undefined) this.series.push({ subject, metric, unit, values: [value] })
    else known.values.push(value)
  }
}
