import * as path from 'node:path'
import { createMatcher } from '../../src/domain/matcher.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import type { Store } from '../../src/store/store.ts'
import { HELLO_BODY, HELLO_CODE } from '../functions.ts'
import { startGateway } from '../gateway-process.ts'
import { type Series, type Target, target } from '../results.ts'
import { median, percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, RunOptions } from './case.ts'

const FEW = 10
const FULL = { many: 10_000, starts: 10, samples: 200 }
const QUICK = { many: 1000, starts: 3, samples: 50 }
const BATCH = 4096
const NS_PER_MS = 1e6
const HOUR_MS = 3_600_000
/** Start-up with all of them may take so much longer than with a few. */
const START_RATIO = 2

/** Starts with so many callbacks. Milliseconds. */
interface Starts {
  readonly listen: number[]
  readonly answer: number[]
}

/** Ten thousand deployed callbacks: what they cost at the start, and at the match of each call. */
export const scale: Case = {
  name: 'scale',
  async run(options) {
    const size = options.quick ? QUICK : FULL
    const few = await starts(FEW, size.starts, options)
    const many = await starts(size.many, size.starts, options)
    options.progress('matching routes')
    const matchFew = matchTimes(FEW, size.samples)
    const matchMany = matchTimes(size.many, size.samples)
    const series: Series[] = [
      ...startSeries(`${FEW} callbacks`, few),
      ...startSeries(`${size.many} callbacks`, many),
      { subject: `${FEW} callbacks`, metric: 'match', unit: 'ns', values: matchFew },
      { subject: `${size.many} callbacks`, metric: 'match', unit: 'ns', values: matchMany },
    ]
    return {
      about:
        `${size.many} deployed callbacks against ${FEW}: ${size.starts} starts each, from spawn to the line that says it ` +
        `listens and to the first whole answer of one function; and the match of one route among them, in samples of ${BATCH}`,
      layout: 'samples',
      series,
      ratios: [],
      targets: targets(size.many, few, many, matchFew, matchMany),
      failures: {},
      notes: ['The callbacks were written straight into the database: their builds would take minutes'],
    }
  },
}

function targets(
  count: number,
  few: Starts,
  many: Starts,
  matchFew: number[],
  matchMany: number[],
): Target[] {
  const ratio = (a: readonly number[], b: readonly number[]) => median(a) / median(b)
  return [
    target(`start to listening, ${count} callbacks, p50`, percentile(many.listen, 50), 'ms', 'at most', 600),
    target(
      `start to the first answer, ${count} callbacks / ${FEW}`,
      ratio(many.answer, few.answer),
      'ratio',
      'at most',
      START_RATIO,
    ),
    target(`route match, ${count} callbacks / ${FEW}`, ratio(matchMany, matchFew), 'ratio', 'at most', 10),
  ]
}

function startSeries(subject: string, { listen, answer }: Starts): Series[] {
  return [
    { subject, metric: 'listening', unit: 'ms', values: listen },
    { subject, metric: 'first answer', unit: 'ms', values: answer },
  ]
}

async function starts(count: number, times: number, { progress }: RunOptions): Promise<Starts> {
  await using folder = await temporaryFolder()
  progress(`writing ${count} deployed callbacks`)
  {
    await using gateway = await startGateway(folder.path)
    await gateway.deploy(await gateway.register({ path: 'hello', code: HELLO_CODE }))
  }
  await seed(folder.path, count)
  const listen: number[] = []
  const answer: number[] = []
  for (let index = 0; index < times; index++) {
    progress(`start ${index + 1} of ${times} with ${count} callbacks`)
    await using gateway = await startGateway(folder.path)
    const { status, body } = await gateway.call(pathOf(count - 1))
    answer.push(performance.now() - gateway.spawnedAt)
    listen.push(gateway.listenMs)
    if (status !== 200 || body !== HELLO_BODY)
      throw new Error(`Cannot measure the start: the function answered ${status} ${body}`)
  }
  return { listen, answer }
}

/** Deploys as many callbacks as a build would have, with the artifact of the one that is there. */
async function seed(dataDir: string, count: number): Promise<void> {
  await using store = await openStore({ url: `file:${path.join(dataDir, 'faas.db')}`, authToken: null })
  const [built] = await store.deployments.active()
  if (built?.artifact === null || built === undefined) throw new Error('Cannot seed: nothing is deployed')
  for (let index = 0; index < count; index++) await deployOne(store, index, built.artifact)
}

async function deployOne(store: Store, index: number, artifact: string): Promise<void> {
  const owner = 'bench'
  const { callback_id } = await store.callbacks.create({
    path: pathOf(index),
    method: 'ANY',
    type: 'node',
    code: HELLO_CODE,
    library: null,
    env: {},
    chat_id: null,
    limits: {},
    response_mode: 'proxy',
  })
  const lease = { runtime: 'isolate', c_type: 'isolate', owner, lease_until: Date.now() + HOUR_MS } as const
  const { version } = await store.deployments.open(callback_id, lease)
  await store.deployments.progress(callback_id, version, { step: 'activate', artifact })
  await store.deployments.activate(callback_id, version, owner, {})
}

/** Every third route has a parameter. */
function pathOf(index: number): string {
  const base = `team-${index % 100}/function-${index}`
  return index % 3 === 0 ? `${base}/:id` : base
}

/** Nanoseconds for one match among so many routes, in samples. */
function matchTimes(count: number, samples: number): number[] {
  const matcher = createMatcher<number>()
  for (let index = 0; index < count; index++)
    matcher.add({ path: pathOf(index), method: 'ANY', value: index })
  const asked = Array.from({ length: count }, (_, index) => pathOf(index).replace(':id', '42'))
  const times: number[] = []
  let found = 0
  for (let sample = -samples; sample < samples; sample++) {
    const began = performance.now()
    for (let index = 0; index < BATCH; index++)
      if (matcher.match(asked[(index * 7919) % count]!, 'GET').kind === 'found') found++
    // The first half warms it up.
    if (sample >= 0) times.push(((performance.now() - began) * NS_PER_MS) / BATCH)
  }
  if (found !== 2 * samples * BATCH) throw new Error('Cannot measure the match: a route was not found')
  return times
}
