import type { Language } from '../../../src/domain/runtime-name.ts'
import { SOON_IDLE } from '../../deployments.ts'
import { dockerCase } from '../../docker/docker-case.ts'
import { GREETING_BODY, GREETING_CODE } from '../../docker/functions.ts'
import { type DockerGateway, startDockerGateway } from '../../docker/gateway.ts'
import { type Series, target } from '../../results.ts'
import { percentile } from '../../stats.ts'

const FULL = 8
const QUICK = 2
const STEPS = ['register', 'deploy', 'first call', 'in all'] as const

/** From a function's source to its first answer out of a container, where a container waits for it and where none does. */
export const dockerDeploy = dockerCase('docker-deploy', async ({ quick, progress }) => {
  await using stocked = await startDockerGateway()
  await using bare = await startDockerGateway({ FAAS_DOCKER_PREWARM: '0' })
  const count = quick ? QUICK : FULL
  progress('deploying the first function of each gateway')
  const first = [await deployOne(stocked, 'python', 'first'), await deployOne(bare, 'python', 'first')]
  const known = { stocked: [first[0]!.id], bare: [first[1]!.id] }
  const times: Record<'stocked' | 'bare', number[][]> = { stocked: [], bare: [] }
  for (let index = 0; index < count; index++) {
    progress(`deploying ${index + 1} of ${count} functions`)
    for (const [name, subject, waiting] of [
      ['stocked', stocked, 1],
      ['bare', bare, 0],
    ] as const) {
      await subject.atRest(known[name].slice(-1), waiting)
      const { id, steps } = await deployOne(subject, 'python', `deploy-${index}`)
      known[name].push(id)
      times[name].push(steps)
    }
  }
  const series = [
    single('first ever, one is asked for', first[0]!.steps),
    single('first ever, none waits', first[1]!.steps),
    ...stepSeries('a container waits', times.stocked),
    ...stepSeries('none waits', times.bare),
  ]
  const inAll = (all: number[][]) =>
    percentile(
      all.map((steps) => steps.at(-1)!),
      50,
    )
  return {
    about:
      `A Python function that is new to a running gateway, from POST /callbacks over POST /deploy?wait to its first whole ` +
      `answer, ${count} times on a gateway where a container waits and on one where none does, in turns; the first deploy ` +
      'of each gateway, which has no container of the language yet, is reported apart',
    layout: 'samples',
    series,
    ratios: [],
    targets: [
      target(
        'docker: deploy of Python to its first answer, p50',
        inAll(times.stocked),
        'ms',
        'at most',
        1000,
      ),
      target('docker: the same, where no container waits, p50', inAll(times.bare), 'ms', 'at most', 1000),
      target(
        'docker: first deploy of a gateway to its first answer',
        first[0]!.steps.at(-1)!,
        'ms',
        'at most',
        1000,
      ),
    ],
    failures: {},
    notes: [],
  }
})

/** @returns milliseconds for each of the steps. @throws Error unless the function answers */
async function deployOne(
  { gateway }: DockerGateway,
  type: Language,
  path: string,
): Promise<{ id: number; steps: number[] }> {
  const marks = [performance.now()]
  const code = `${GREETING_CODE[type]}# ${path}\n`
  const id = await gateway.register({ path, type, code, limits: { idle_ms: SOON_IDLE } })
  marks.push(performance.now())
  await gateway.deploy(id, 'docker')
  marks.push(performance.now())
  const { status, body } = await gateway.call(path)
  marks.push(performance.now())
  if (status !== 200 || body !== GREETING_BODY)
    throw new Error(`Cannot measure the deploy of "${path}": it answered ${status} ${body}`)
  const steps = marks.slice(1).map((mark, step) => mark - marks[step]!)
  return { id, steps: [...steps, marks.at(-1)! - marks[0]!] }
}

function single(subject: string, steps: readonly number[]): Series {
  return { subject, metric: 'in all', unit: 'ms', values: [steps.at(-1)!] }
}

function stepSeries(subject: string, times: readonly (readonly number[])[]): Series[] {
  return STEPS.map((metric, step) => ({
    subject,
    metric,
    unit: 'ms',
    values: times.map((steps) => steps[step]!),
  }))
}
