import { distinctHello } from '../functions.ts'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import { type Series, target } from '../results.ts'
import { percentile } from '../stats.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Case } from './case.ts'

const FULL = 20
const QUICK = 8
const STEPS = ['register', 'deploy', 'first call', 'in all'] as const

/** From a new hello's source to its first answer, on a gateway that runs. */
export const deploy: Case = {
  name: 'deploy',
  async run({ quick, progress }) {
    await using folder = await temporaryFolder()
    await using gateway = await startGateway(folder.path)
    progress('deploying the first function ever')
    const firstEver = await deployOne(gateway, 'deploy-first')
    const times: number[][] = []
    const count = quick ? QUICK : FULL
    for (let index = 0; index < count; index++) {
      progress(`deploying ${index + 1} of ${count} functions`)
      times.push(await deployOne(gateway, `deploy-${index}`))
    }
    const series: Series[] = [
      { subject: 'first ever', metric: 'in all', unit: 'ms', values: [firstEver.at(-1)!] },
      ...STEPS.map((metric, step): Series => {
        const values = times.map((time) => time[step]!)
        return { subject: 'deploy', metric, unit: 'ms', values }
      }),
    ]
    const inAll = series.at(-1)!.values
    return {
      about:
        `A hello that is new to a running gateway, from POST /callbacks over POST /deploy?wait to its first whole ` +
        `answer, ${count} times one after the other; the first deploy of the process is reported apart`,
      layout: 'samples',
      series,
      ratios: [],
      targets: [
        target('deploy of a hello to its first answer, p50', percentile(inAll, 50), 'ms', 'at most', 150),
      ],
      failures: {},
      notes: [],
    }
  },
}

/** @returns milliseconds for each of the steps. @throws Error unless the function answers */
async function deployOne(gateway: GatewayProcess, path: string): Promise<number[]> {
  const { code, body } = distinctHello(path)
  const marks = [performance.now()]
  const id = await gateway.register({ path, code })
  marks.push(performance.now())
  await gateway.deploy(id)
  marks.push(performance.now())
  const reply = await gateway.call(path)
  marks.push(performance.now())
  if (reply.status !== 200 || reply.body !== body)
    throw new Error(`Cannot measure the deploy of "${path}": it answered ${reply.status} ${reply.body}`)
  const steps = marks.slice(1).map((mark, step) => mark - marks[step]!)
  return [...steps, marks.at(-1)! - marks[0]!]
}
