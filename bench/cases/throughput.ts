import { HELLO_BODY, HELLO_PATH } from '../functions.ts'
import { type LoadGenerator, startLoadGenerator } from '../load/generator.ts'
import { startGatewaySubject } from '../peers/gateway.ts'
import { startHono } from '../peers/hono.ts'
import { startWorkerd } from '../peers/workerd.ts'
import { valuesOf } from '../results.ts'
import { pairwise } from '../stats.ts'
import { checkAnswer, type Load, runTurns, type Turn } from '../turns.ts'
import type { Case, Measured, RunOptions } from './case.ts'
import { judge, notesOf } from './throughput-verdict.ts'

const CONNECTIONS = 32
const LEAD_MS = 300
const FULL = { rounds: 8, roundMs: 4000, warmUpMs: 4000 }
const QUICK = { rounds: 3, roundMs: 1500, warmUpMs: 1500 }

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
  const hello: Load = { path: HELLO_PATH, connections: CONNECTIONS, leadMs: LEAD_MS }
  for (const { subject } of turns) await checkAnswer(subject, hello, HELLO_BODY)
  const recorder = await runTurns(turns, generator, hello, { ...size, rounds, progress: options.progress })
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
