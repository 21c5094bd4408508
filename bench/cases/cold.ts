import { setTimeout as sleep } from 'node:timers/promises'
import { distinctHello } from '../functions.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import type { Reply } from '../http-client.ts'
import { type Series, target } from '../results.ts'
import { percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, Measured, RunOptions } from './case.ts'

const FULL = 200
const QUICK = 40
/** An instance that the build booted is gone soon after. Milliseconds. */
const IDLE_MS = 100
/** Between two calls: a gateway at rest, not one that is stormed. Milliseconds. */
const PAUSE_MS = 50
const GONE_WITHIN = 30_000
const POLL_EVERY = 100
const PHASES = ['queue', 'start', 'init', 'handler', 'total'] as const

interface Deployed {
  readonly id: number
  readonly path: string
  readonly body: string
}

/** The first call of functions that have no instance: each function is called once. */
export const cold: Case = {
  name: 'cold',
  async run(options) {
    await using folder = await temporaryFolder()
    await using gateway = await startGateway(folder.path)
    const deployed = await deployAll(gateway, options)
    await untilNoneLives(gateway, deployed, options)
    return await measure(gateway, deployed, options)
  },
}

async function deployAll(gateway: GatewayProcess, { quick, progress }: RunOptions): Promise<Deployed[]> {
  const deployed: Deployed[] = []
  const count = quick ? QUICK : FULL
  for (let index = 0; index < count; index++) {
    if (index % 20 === 0) progress(`deploying ${index + 1} of ${count} functions`)
    const path = `cold-${index}`
    const { code, body } = distinctHello(path)
    const id = await gateway.register({ path, code, limits: { idle_ms: IDLE_MS } })
    await gateway.deploy(id)
    deployed.push({ id, path, body })
  }
  return deployed
}

/** A build boots its function once: that instance would answer warm. @throws Error when one stays */
async function untilNoneLives(
  gateway: GatewayProcess,
  deployed: readonly Deployed[],
  { progress }: RunOptions,
): Promise<void> {
  progress('waiting until no instance lives')
  const deadline = performance.now() + GONE_WITHIN
  for (const { id, path } of deployed) {
    while ((await gateway.liveInstances(id)) > 0) {
      if (performance.now() > deadline)
        throw new Error(
          `Cannot measure cold starts: an instance of "${path}" still lives after ${GONE_WITHIN} ms`,
        )
      await sleep(POLL_EVERY)
    }
  }
}

async function measure(
  gateway: GatewayProcess,
  deployed: readonly Deployed[],
  { progress }: RunOptions,
): Promise<Measured> {
  const firstByte: number[] = []
  const phases: Record<string, number[]> = Object.fromEntries(PHASES.map((phase) => [phase, []]))
  let failed = 0
  let notCold = 0
  // The connection exists before the first measured call.
  await gateway.call('no-such-function')
  for (const [index, { path, body }] of deployed.entries()) {
    if (index % 50 === 0) progress(`calling ${index + 1} of ${deployed.length} functions`)
    await sleep(PAUSE_MS)
    const reply = await gateway.call(path)
    if (reply.status !== 200 || reply.body !== body) failed++
    else if (reply.headers.get('x-faas-start') !== 'cold') notCold++
    else {
      firstByte.push(reply.firstByteMs)
      const timing = serverTiming(reply)
      for (const phase of PHASES) phases[phase]!.push(timing.get(phase) ?? 0)
    }
  }
  const series: Series[] = [{ subject: 'cold call', metric: 'first byte', unit: 'ms', values: firstByte }]
  for (const phase of PHASES)
    series.push({ subject: 'of it', metric: phase, unit: 'ms', values: phases[phase]! })
  return {
    about:
      `${deployed.length} different deployed functions without a live instance, each called once, one after the ` +
      `other with ${PAUSE_MS} ms between, over one kept-alive connection; phases from Server-Timing`,
    layout: 'samples',
    series,
    ratios: [],
    targets: [
      target('cold start to first byte, p50', percentile(firstByte, 50), 'ms', 'at most', 15),
      target('cold start to first byte, p99', percentile(firstByte, 99), 'ms', 'at most', 60),
    ],
    failures: { 'cold call': failed },
    notes: notCold === 0 ? [] : [`${notCold} calls were not cold and were left out`],
  }
}

/** The durations of a Server-Timing header, by name. */
export function serverTiming({ headers }: Pick<Reply, 'headers'>): Map<string, number> {
  const entries = (headers.get('server-timing') ?? '').matchAll(/([\w-]+);dur=([\d.]+)/g)
  return new Map([...entries].map(([, name, duration]) => [name!, Number(duration)]))
}
