import { HELLO_BODY, HELLO_CODE } from '../functions.ts'
import { startGateway } from '../gateway-process.ts'
import { target } from '../results.ts'
import { percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case, RunOptions } from './case.ts'

const FULL = 10
const QUICK = 3

/** From the spawn of the process to the line that says it listens, and to the first answer of a function. */
export const startup: Case = {
  name: 'startup',
  async run(options) {
    const fresh = await freshStarts(options)
    const { listen, answer } = await laterStarts(options)
    const ms = (subject: string, metric: string, values: readonly number[]) =>
      ({ subject, metric, unit: 'ms', values }) as const
    return {
      about:
        `Spawn to the line that says it listens, ${fresh.length} times on a new data folder and ${listen.length} times ` +
        'on one with a deployed hello; and there from spawn to the first whole answer of that hello',
      layout: 'samples',
      series: [
        ms('new data folder', 'listening', fresh),
        ms('existing data folder', 'listening', listen),
        ms('existing data folder', 'first answer', answer),
      ],
      ratios: [],
      targets: [
        target('start to listening, new data folder, p50', percentile(fresh, 50), 'ms', 'at most', 600),
        target('start to listening, existing data folder, p50', percentile(listen, 50), 'ms', 'at most', 600),
      ],
      failures: {},
      notes: [],
    }
  },
}

async function freshStarts({ quick, progress }: RunOptions): Promise<number[]> {
  const times: number[] = []
  const count = quick ? QUICK : FULL
  for (let index = 0; index < count; index++) {
    progress(`start ${index + 1} of ${count} on a new data folder`)
    await using folder = await temporaryFolder()
    await using gateway = await startGateway(folder.path)
    times.push(gateway.listenMs)
  }
  return times
}

async function laterStarts({ quick, progress }: RunOptions): Promise<{ listen: number[]; answer: number[] }> {
  await using folder = await temporaryFolder()
  {
    await using gateway = await startGateway(folder.path)
    await gateway.deploy(await gateway.register({ path: 'hello', code: HELLO_CODE }))
  }
  const listen: number[] = []
  const answer: number[] = []
  const count = quick ? QUICK : FULL
  for (let index = 0; index < count; index++) {
    progress(`start ${index + 1} of ${count} on an existing data folder`)
    await using gateway = await startGateway(folder.path)
    const { status, body } = await gateway.call('hello')
    answer.push(performance.now() - gateway.spawnedAt)
    listen.push(gateway.listenMs)
    if (status !== 200 || body !== HELLO_BODY)
      throw new Error(`Cannot measure the start: the function answered ${status} ${body}`)
  }
  return { listen, answer }
}
