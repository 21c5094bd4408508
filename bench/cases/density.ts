import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployed, deployHellos } from '../deployments.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import { MIB, treeMemory } from '../memory.ts'
import { type Series, target } from '../results.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, Measured, RunOptions } from './case.ts'

const FULL = 1000
const QUICK = 100
/** Longer than the case: nothing ends because nobody called it. Milliseconds. */
const IDLE_MS = 3_600_000
/** A budget for about this share of the functions. */
const TIGHT_SHARE = 0.25
const MIB_PER_FUNCTION = 4
const SETTLE_MS = 1000
const EXITS = 'faas_instance_exits_total'
/** How an instance was there for a call. */
const KINDS = ['cold', 'prewarmed', 'warm'] as const

/** All functions called once, one after the other. */
interface Pass {
  readonly times: number[]
  readonly starts: Record<string, number>
  failed: number
}

/** One gateway's two passes, and its memory around them. MiB. */
interface Figures {
  readonly name: string
  readonly memory: { readonly before: number; readonly first: number; readonly second: number }
  readonly passes: readonly [Pass, Pass]
  readonly exits: number
}

/** A thousand functions called once each, then again: what they take, and what a small budget costs. */
export const density: Case = {
  name: 'density',
  async run(options) {
    await using folder = await temporaryFolder()
    const deployed = await prepare(folder.path, options)
    const ample = await passes('ample', folder.path, {}, deployed, options)
    const budget = Math.max(64, Math.round(deployed.length * MIB_PER_FUNCTION * TIGHT_SHARE))
    const settings = { FAAS_ISOLATE_MEMORY_MB: String(budget) }
    const tight = await passes('tight', folder.path, settings, deployed, options)
    return report(deployed.length, budget, ample, tight)
  },
}

/** Deploys on a gateway of its own: those that are measured find every function cold. */
async function prepare(dataDir: string, { quick, progress }: RunOptions): Promise<Deployed[]> {
  await using gateway = await startGateway(dataDir)
  const count = quick ? QUICK : FULL
  return await deployHellos(gateway, { prefix: 'dense', count, limits: { idle_ms: IDLE_MS }, progress })
}

async function passes(
  name: string,
  dataDir: string,
  settings: Readonly<Record<string, string>>,
  deployed: readonly Deployed[],
  { progress }: RunOptions,
): Promise<Figures> {
  await using gateway = await startGateway(dataDir, settings)
  await gateway.untilReady()
  // The hosts make their blank isolates once they are up.
  await sleep(SETTLE_MS)
  await gateway.call('no-such-function')
  const before = await memoryOf(gateway)
  progress(`${name}: calling ${deployed.length} functions once`)
  const one = await pass(gateway, deployed)
  const first = await memoryOf(gateway)
  progress(`${name}: calling them again`)
  const two = await pass(gateway, deployed)
  const second = await memoryOf(gateway)
  return {
    name,
    memory: { before, first, second },
    passes: [one, two],
    exits: await gateway.metric(EXITS),
  }
}

async function pass(gateway: GatewayProcess, deployed: readonly Deployed[]): Promise<Pass> {
  const result: Pass = { times: [], starts: {}, failed: 0 }
  for (const { path, body } of deployed) {
    const reply = await gateway.call(path)
    const kind = reply.headers.get('x-faas-start') ?? 'none'
    result.starts[kind] = (result.starts[kind] ?? 0) + 1
    result.times.push(reply.totalMs)
    if (reply.status !== 200 || reply.body !== body) result.failed++
  }
  return result
}

/** @throws Error where it cannot be read: the case has no other figure */
async function memoryOf({ pid }: GatewayProcess): Promise<number> {
  const bytes = await treeMemory(pid)
  if (bytes === null) throw new Error('Cannot measure memory: there is no /proc')
  return bytes / MIB
}

function report(count: number, budget: number, ample: Figures, tight: Figures): Measured {
  const each = ample.memory.second / count
  const failed = (figures: Figures) => figures.passes.reduce((sum, one) => sum + one.failed, 0)
  return {
    about:
      `${count} functions that were deployed before the gateway started, each called once and then each once again, ` +
      `one call after the other; on a gateway with its defaults (ample) and on one with ${budget} MiB for all isolates (tight); ` +
      'resident memory is that of the gateway and its hosts together',
    layout: 'samples',
    series: [ample, tight].flatMap((figures) => seriesOf(figures, count)),
    ratios: [],
    targets: [
      target('resident memory per live function', each, 'MiB', 'at most', MIB_PER_FUNCTION),
      target('calls that failed under a small budget', failed(tight), 'count', 'at most', 0),
    ],
    failures: { ample: failed(ample), tight: failed(tight) },
    notes: [],
  }
}

function seriesOf({ name, memory, passes, exits }: Figures, count: number): Series[] {
  const mib = (metric: string, value: number): Series => ({
    subject: name,
    metric,
    unit: 'MiB',
    values: [value],
  })
  const [one, two] = passes
  const kinds = (label: string, { starts }: Pass): Series[] =>
    KINDS.filter((kind) => starts[kind] !== undefined).map((kind) => ({
      subject: name,
      metric: `${label} pass: ${kind}`,
      unit: 'count',
      values: [starts[kind]!],
    }))
  return [
    mib('resident before any call', memory.before),
    mib('resident after the first pass', memory.first),
    mib('resident after the second pass', memory.second),
    mib('in all, per function', memory.second / count),
    mib('grown by, per function', (memory.second - memory.before) / count),
    { subject: name, metric: 'first pass', unit: 'ms', values: one.times },
    { subject: name, metric: 'second pass', unit: 'ms', values: two.times },
    ...kinds('first', one),
    ...kinds('second', two),
    { subject: name, metric: 'instances that ended', unit: 'count', values: [exits] },
  ]
}
