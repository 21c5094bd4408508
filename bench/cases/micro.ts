import { Bench } from 'tinybench'
import type { Series } from '../results.ts'
import type { Case } from './case.ts'
import { FRAMES_PER_WRITE, type Operation, operations } from './micro-operations.ts'

/** One sample is this many operations: one alone is shorter than a clock can tell. */
const BATCH = 512 * FRAMES_PER_WRITE
const FULL = 200
const QUICK = 50
const WARM_UP_MS = 200
const NS_PER_MS = 1e6

/** The pieces of the hot path alone, in this process. */
export const micro: Case = {
  name: 'micro',
  async run({ quick, progress }) {
    progress('measuring the pieces of the hot path')
    // No time of its own: the number of samples decides.
    const bench = new Bench({
      time: 0,
      iterations: quick ? QUICK : FULL,
      warmupTime: WARM_UP_MS,
      retainSamples: true,
      throws: true,
    })
    for (const { name, run } of operations()) bench.add(name, () => repeat(run))
    await bench.run()
    return {
      about: `Pieces of the hot path alone, in one process; time per operation, in samples of ${BATCH} operations`,
      layout: 'samples',
      series: bench.tasks.map(({ name, result }): Series => {
        const samples = 'latency' in result ? result.latency.samples : undefined
        if (samples === undefined) throw new Error(`Cannot measure "${name}": it is ${result.state}`)
        return {
          subject: name,
          metric: 'time',
          unit: 'ns',
          values: samples.map((ms) => (ms * NS_PER_MS) / BATCH),
        }
      }),
      ratios: [],
      targets: [],
      failures: {},
      notes: [],
    }
  },
}

let kept: unknown = null

/** What an operation answers is kept where the compiler cannot see that nobody reads it. */
function repeat(run: Operation['run']): unknown {
  for (let index = 0; index < BATCH; index++) kept = run(index)
  return kept
}
