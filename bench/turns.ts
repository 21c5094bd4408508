import { treeCpuSeconds } from './cpu-time.ts'
import { startHttpClient } from './http-client.ts'
import type { LoadGenerator } from './load/generator.ts'
import { type LoadPlan, type LoadReport, requestBytes } from './load/plan.ts'
import type { Subject } from './peers/subject.ts'
import type { Series, Unit } from './results.ts'

const HOST = '127.0.0.1'

/** A place in a round: one subject may have two, so that the same thing measured twice shows the noise. */
export interface Turn {
  readonly label: string
  readonly subject: Subject
}

/** What every subject is asked for. */
export type Load = Omit<LoadPlan, 'host' | 'port' | 'durationMs'>

/** How long and how often. */
export interface Rounds {
  readonly rounds: number
  readonly roundMs: number
  readonly warmUpMs: number
  readonly progress: (message: string) => void
}

/** @throws Error unless the subject answers what it should: only then its speed means anything */
export async function checkAnswer(
  { name, port }: Pick<Subject, 'name' | 'port'>,
  load: Load,
  wanted: string,
): Promise<void> {
  const client = startHttpClient(HOST, port)
  const { method = 'GET', path, headers = {}, body } = load
  const { status, body: answer } = await client.send(
    requestBytes({ host: HOST, port, path, method, headers, ...(body === undefined ? {} : { body }) }),
  )
  client.close()
  if (status === 200 && answer === wanted) return
  throw new Error(`Cannot measure ${name}: it answered ${status} ${JSON.stringify(answer.slice(0, 1000))}`)
}

/** Warms every subject up and loads them in turns, round by round. */
export async function runTurns(
  turns: readonly Turn[],
  generator: LoadGenerator,
  load: Load,
  { rounds, roundMs, warmUpMs, progress }: Rounds,
): Promise<Recorder> {
  for (const subject of new Set(turns.map((turn) => turn.subject))) {
    progress(`warming ${subject.name} up`)
    await loadOne(generator, subject, load, warmUpMs)
  }
  const recorder = new Recorder()
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`)
    // Every other round goes backwards, so that no subject always comes after the same one.
    for (const { label, subject } of round % 2 === 0 ? turns : turns.toReversed()) {
      const before = await treeCpuSeconds(subject.pid)
      const report = await loadOne(generator, subject, load, roundMs)
      const after = await treeCpuSeconds(subject.pid)
      recorder.add(label, report, before === null || after === null ? null : after - before)
    }
  }
  return recorder
}

/** Loads one subject once. @throws Error when nothing succeeds */
export async function loadOne(
  generator: LoadGenerator,
  subject: Pick<Subject, 'name' | 'port'>,
  load: Load,
  durationMs: number,
): Promise<LoadReport> {
  const report = await generator.run({ ...load, host: HOST, port: subject.port, durationMs })
  if (report.rps > 0) return report
  const why = JSON.stringify({ ...report.statuses, ...report.errors })
  throw new Error(`Cannot measure ${subject.name}: nothing succeeded: ${why}`)
}

/** Gathers the rounds' figures as series. */
export class Recorder {
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
