import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployed, deployHellos, SOON_IDLE, untilNoneLives } from '../deployments.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import { type HttpClient, type Reply, startHttpClient } from '../http-client.ts'
import { target } from '../results.ts'
import { median, pairwise } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, Measured, RunOptions } from './case.ts'

const HOST = '127.0.0.1'
const AT_ONCE = 50
const FULL = 60
const QUICK = 12
/** Before each burst and each lone call, so that the stock of blank isolates is full. Milliseconds. */
const PAUSE_MS = 100
const STARTS = 'faas_function_cold_starts_total'

/** What the bursts and the lone calls beside them came to. */
interface Figures {
  readonly lone: number[]
  readonly first: number[]
  readonly slowest: number[]
  readonly starts: number[]
  failedLone: number
  failed: number
}

/** Many first calls of one cold function at the same moment, against one alone. */
export const burst: Case = {
  name: 'burst',
  async run(options) {
    await using folder = await temporaryFolder()
    await using gateway = await startGateway(folder.path)
    const rounds = options.quick ? QUICK : FULL
    const deployed = await deployHellos(gateway, {
      prefix: 'burst',
      count: 2 * rounds,
      limits: { idle_ms: SOON_IDLE },
      progress: options.progress,
    })
    options.progress('waiting until no instance lives')
    await untilNoneLives(gateway, deployed)
    const clients = Array.from({ length: AT_ONCE }, () => startHttpClient(HOST, gateway.port))
    try {
      return report(await measure(gateway, deployed, clients, options))
    } finally {
      for (const client of clients) client.close()
    }
  },
}

async function measure(
  gateway: GatewayProcess,
  deployed: readonly Deployed[],
  clients: readonly HttpClient[],
  { progress }: RunOptions,
): Promise<Figures> {
  const figures: Figures = { lone: [], first: [], slowest: [], starts: [], failedLone: 0, failed: 0 }
  // The connections exist before the first measured call.
  await Promise.all(clients.map((client) => client.request('GET', '/api/no-such-function')))
  for (let index = 0; index + 1 < deployed.length; index += 2) {
    if (index % 20 === 0) progress(`round ${index / 2 + 1} of ${deployed.length / 2}`)
    const [alone, stormed] = [deployed[index]!, deployed[index + 1]!]
    await sleep(PAUSE_MS)
    const [single] = await callAll(clients.slice(0, 1), alone)
    await sleep(PAUSE_MS)
    const before = await gateway.metric(STARTS)
    const replies = await callAll(clients, stormed)
    figures.starts.push((await gateway.metric(STARTS)) - before)
    figures.failedLone += isAnswer(single!, alone) ? 0 : 1
    figures.failed += replies.filter((reply) => !isAnswer(reply, stormed)).length
    const times = replies.map(({ totalMs }) => totalMs)
    figures.lone.push(single!.totalMs)
    figures.first.push(Math.min(...times))
    figures.slowest.push(Math.max(...times))
  }
  return figures
}

function callAll(clients: readonly HttpClient[], { path }: Deployed): Promise<Reply[]> {
  return Promise.all(clients.map((client) => client.request('GET', `/api/${path}`)))
}

function isAnswer({ status, body }: Reply, wanted: Deployed): boolean {
  return status === 200 && body === wanted.body
}

function report({ lone, first, slowest, starts, failedLone, failed }: Figures): Measured {
  const ratios = [{ name: 'slowest of a burst / one cold call', values: pairwise(slowest, lone) }]
  const most = Math.max(...starts)
  return {
    about:
      `${AT_ONCE} first calls of one cold function at once, over connections that are open, on ${lone.length} functions; ` +
      'before each burst one cold call of another function, alone; to the last byte',
    layout: 'samples',
    series: [
      { subject: 'one cold call', metric: 'time', unit: 'ms', values: lone },
      { subject: 'burst', metric: 'fastest', unit: 'ms', values: first },
      { subject: 'burst', metric: 'slowest', unit: 'ms', values: slowest },
      { subject: 'burst', metric: 'starts', unit: 'count', values: starts },
    ],
    ratios,
    targets: [
      target(`starts for ${AT_ONCE} first calls at once, most`, most, 'count', 'at most', 1),
      target('slowest of a burst / one cold call', median(ratios[0]!.values), 'ratio', 'at most', 3),
    ],
    failures: { 'one cold call': failedLone, burst: failed },
    notes: [],
  }
}
