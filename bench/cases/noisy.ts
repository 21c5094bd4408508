import { setTimeout as sleep } from 'node:timers/promises'
import { treeCpuSeconds } from '../cpu-time.ts'
import { HELLO_BODY, HELLO_CODE } from '../functions.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import { startHttpClient } from '../http-client.ts'
import { type Ratio, type Series, type Target, target } from '../results.ts'
import { median, pairwise, percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, Measured, RunOptions } from './case.ts'

const HOST = '127.0.0.1'
const FULL = { rounds: 8, roundMs: 5000 }
const QUICK = { rounds: 3, roundMs: 2000 }
/** One call of the quiet function each so often. Milliseconds. */
const EVERY = 5
const CPU_MS = 200

/** Neighbours that use a whole core: one stays below its limit, one is ended by it at each call. */
const NEIGHBOURS = [
  {
    name: 'at its limit',
    path: 'burns',
    code: `export default { fetch() {
  const until = performance.now() + ${CPU_MS * 0.9}
  while (performance.now() < until);
  return new Response('burnt')
} }`,
  },
  { name: 'over its limit', path: 'spins', code: 'export default { fetch() { for (;;); } }' },
] as const

interface Round {
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

/** What a busy function costs another one: the quiet one alone, then beside each neighbour, round by round. */
export const noisy: Case = {
  name: 'noisy',
  async run(options) {
    await using folder = await temporaryFolder()
    await using gateway = await startGateway(folder.path)
    await gateway.deploy(await gateway.register({ path: 'quiet', code: HELLO_CODE }))
    for (const { path, code } of NEIGHBOURS)
      await gateway.deploy(await gateway.register({ path, code, limits: { cpu_ms: CPU_MS } }))
    return await measure(gateway, options)
  },
}

async function measure(gateway: GatewayProcess, options: RunOptions): Promise<Measured> {
  const size = options.quick ? QUICK : FULL
  const rounds = options.rounds ?? size.rounds
  const figures = new Map<string, Round[]>()
  const noise = new Map<string, number[]>()
  options.progress('warming up')
  await quietCalls(gateway, size.roundMs)
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`)
    for (const neighbour of NEIGHBOURS) {
      push(figures, `alone, before ${neighbour.name}`, await quietCalls(gateway, size.roundMs))
      const loop = startLoop(gateway.port, neighbour.path)
      await loop.begun
      const before = await treeCpuSeconds(gateway.pid)
      push(figures, `beside one ${neighbour.name}`, await quietCalls(gateway, size.roundMs))
      const after = await treeCpuSeconds(gateway.pid)
      await loop.stop()
      if (before !== null && after !== null)
        push(noise, neighbour.name, (after - before) / (size.roundMs / 1000))
    }
  }
  return report(figures, noise, rounds, size.roundMs)
}

/** Calls at an even pace, as of someone who waits for none of the others' work. */
async function quietCalls(gateway: GatewayProcess, ms: number): Promise<Round> {
  const times: number[] = []
  let failed = 0
  const began = performance.now()
  for (let due = began; due < began + ms; due += EVERY) {
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait)
    const { status, body, totalMs } = await gateway.call('quiet')
    if (status !== 200 || body !== HELLO_BODY) failed++
    times.push(totalMs)
  }
  return { p50: percentile(times, 50), p99: percentile(times, 99), failed }
}

/** Calls a function again and again, whatever it answers. */
function startLoop(port: number, path: string): { begun: Promise<void>; stop(): Promise<void> } {
  const client = startHttpClient(HOST, port)
  let ends = false
  let begin: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const loop = async () => {
    while (!ends) {
      await client.request('GET', `/api/${path}`)
      begin()
    }
  }
  const done = loop()
  return {
    begun,
    async stop() {
      ends = true
      await done
      client.close()
    },
  }
}

function report(
  figures: ReadonlyMap<string, readonly Round[]>,
  noise: ReadonlyMap<string, readonly number[]>,
  rounds: number,
  roundMs: number,
): Measured {
  const series: Series[] = []
  const failures: Record<string, number> = {}
  for (const [subject, values] of figures) {
    series.push({ subject, metric: 'p50', unit: 'ms', values: values.map(({ p50 }) => p50) })
    series.push({ subject, metric: 'p99', unit: 'ms', values: values.map(({ p99 }) => p99) })
    failures[subject] = values.reduce((sum, { failed }) => sum + failed, 0)
  }
  const p99 = (subject: string) => figures.get(subject)!.map((value) => value.p99)
  const ratios: Ratio[] = NEIGHBOURS.map(({ name }) => ({
    name: `p99: beside one ${name} / alone`,
    values: pairwise(p99(`beside one ${name}`), p99(`alone, before ${name}`)),
  }))
  const targets: Target[] = ratios.map(({ name, values }) =>
    target(name, median(values), 'ratio', 'at most', 2),
  )
  return {
    about:
      `A hello called every ${EVERY} ms, alone and beside a function that is called in a loop and uses ${CPU_MS} ms of CPU ` +
      `a call, which is its limit, or more; ${rounds} rounds in turns of ${roundMs / 1000} s each; medians over the rounds`,
    layout: 'rounds',
    series,
    ratios,
    targets,
    failures,
    notes: [...noise].map(
      ([name, shares]) =>
        `beside one ${name} the gateway and its hosts used ${median(shares).toFixed(2)} cores`,
    ),
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}
