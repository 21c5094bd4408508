import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployed, deployHellos, SOON_IDLE, untilNoneLives } from '../deployments.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import type { Reply } from '../http-client.ts'
import { type Series, type Target, target } from '../results.ts'
import { percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, Measured, RunOptions } from './case.ts'

const FULL = 200
const QUICK = 40
/** Between two calls: a gateway at rest, whose stock of blank isolates is full again. Milliseconds. */
const PAUSE_MS = 50
const PHASES = ['queue', 'start', 'init', 'handler', 'total'] as const
const NONE_WAIT = { FAAS_ISOLATE_BLANKS: '0' }

/** One gateway with functions that have no instance, and what their first calls came to. */
interface Subject {
  readonly name: string
  readonly gateway: GatewayProcess
  readonly deployed: readonly Deployed[]
  readonly firstByte: number[]
  readonly phases: Readonly<Record<string, number[]>>
  failed: number
  notCold: number
}

/** The first call of functions that have no instance, with a blank isolate waiting for them and without. */
export const cold: Case = {
  name: 'cold',
  async run(options) {
    await using folder = await temporaryFolder()
    await using bareFolder = await temporaryFolder()
    await using stocked = await startGateway(folder.path)
    await using bare = await startGateway(bareFolder.path, NONE_WAIT)
    const subjects = [
      await prepare('a blank waits', stocked, options),
      await prepare('none waits', bare, options),
    ]
    await callInTurns(subjects, options)
    return report(subjects)
  },
}

async function prepare(name: string, gateway: GatewayProcess, options: RunOptions): Promise<Subject> {
  const deployed = await deployHellos(gateway, {
    prefix: 'cold',
    count: options.quick ? QUICK : FULL,
    limits: { idle_ms: SOON_IDLE },
    progress: options.progress,
  })
  options.progress('waiting until no instance lives')
  await untilNoneLives(gateway, deployed)
  // The connection exists before the first measured call.
  await gateway.call('no-such-function')
  const phases = Object.fromEntries(PHASES.map((phase) => [phase, [] as number[]]))
  return { name, gateway, deployed, firstByte: [], phases, failed: 0, notCold: 0 }
}

async function callInTurns(subjects: readonly Subject[], { progress }: RunOptions): Promise<void> {
  const count = subjects[0]!.deployed.length
  for (let index = 0; index < count; index++) {
    if (index % 50 === 0) progress(`calling ${index + 1} of ${count} functions`)
    for (const subject of index % 2 === 0 ? subjects : subjects.toReversed()) {
      await sleep(PAUSE_MS)
      const { path, body } = subject.deployed[index]!
      add(subject, await subject.gateway.call(path), body)
    }
  }
}

function add(subject: Subject, reply: Reply, body: string): void {
  if (reply.status !== 200 || reply.body !== body) subject.failed++
  else if (reply.headers.get('x-faas-start') !== 'cold') subject.notCold++
  else {
    subject.firstByte.push(reply.firstByteMs)
    const timing = serverTiming(reply)
    for (const phase of PHASES) subject.phases[phase]!.push(timing.get(phase) ?? 0)
  }
}

function report(subjects: readonly Subject[]): Measured {
  const [stocked, bare] = subjects as [Subject, Subject]
  return {
    about:
      `${stocked.deployed.length} different deployed functions without a live instance, each called once, one after the ` +
      `other with ${PAUSE_MS} ms between, over one kept-alive connection; in turns on a gateway with its default ` +
      'stock of blank isolates and on one that keeps none; phases from Server-Timing',
    layout: 'samples',
    series: subjects.flatMap(seriesOf),
    ratios: [],
    targets: [...targetsOf(stocked, 6), ...targetsOf(bare, 15)],
    failures: Object.fromEntries(subjects.map(({ name, failed }) => [name, failed])),
    notes: subjects
      .filter(({ notCold }) => notCold > 0)
      .map(({ name, notCold }) => `${name}: ${notCold} calls were not cold and were left out`),
  }
}

function seriesOf({ name, firstByte, phases }: Subject): Series[] {
  return [
    { subject: name, metric: 'first byte', unit: 'ms', values: firstByte },
    ...PHASES.map((phase): Series => ({ subject: name, metric: phase, unit: 'ms', values: phases[phase]! })),
  ]
}

function targetsOf({ name, firstByte }: Subject, p50: number): Target[] {
  return [
    target(`cold start, ${name}: first byte, p50`, percentile(firstByte, 50), 'ms', 'at most', p50),
    target(`cold start, ${name}: first byte, p99`, percentile(firstByte, 99), 'ms', 'at most', 40),
  ]
}

/** The durations of a Server-Timing header, by name. */
export function serverTiming({ headers }: Pick<Reply, 'headers'>): Map<string, number> {
  const entries = (headers.get('server-timing') ?? '').matchAll(/([\w-]+);dur=([\d.]+)/g)
  return new Map([...entries].map(([, name, duration]) => [name!, Number(duration)]))
}
