import type { Language } from '../../../src/domain/runtime-name.ts'
import { SOON_IDLE } from '../../deployments.ts'
import { runContainer } from '../../docker/container-per-call.ts'
import { dockerCase } from '../../docker/docker-case.ts'
import { DOCKER_LANGUAGES, GREETING_BODY, GREETING_CODE } from '../../docker/functions.ts'
import { type DockerGateway, startDockerGateway } from '../../docker/gateway.ts'
import type { Series, Target } from '../../results.ts'
import { target } from '../../results.ts'
import { median, pairwise, percentile } from '../../stats.ts'
import { serverTiming } from '../cold.ts'

const FULL = { stocked: 40, others: 10 }
const QUICK = { stocked: 4, others: 2 }
const PHASES = ['queue', 'start', 'init', 'handler', 'total'] as const

/** One function of one gateway, and what the calls that found no instance of it came to. */
interface Subject {
  readonly name: string
  readonly docker: DockerGateway
  readonly language: Language
  /** All functions of its gateway: nothing else may run there. */
  readonly callbacks: readonly number[]
  readonly waiting: number
  readonly times: number[]
  readonly phases: Readonly<Record<string, number[]>>
  failed: number
}

/** Containers that are made for one call each, without a gateway. */
interface PerCall {
  readonly name: string
  readonly language: Language
  readonly options: readonly string[]
  readonly times: number[]
}

/** Calls that find no instance, beside a container per call. */
export const dockerCold = dockerCase('docker-cold', async ({ quick, progress }) => {
  await using stocked = await startDockerGateway()
  await using bare = await startDockerGateway({ FAAS_DOCKER_PREWARM: '0' })
  progress('deploying')
  const waits = await subjectsOf('a container waits', stocked, DOCKER_LANGUAGES.length)
  const none = await subjectsOf('none waits', bare, 0)
  const perCall: PerCall[] = [
    { name: 'docker run, python', language: 'python', options: [], times: [] },
    { name: 'docker run, node', language: 'node', options: [], times: [] },
    {
      name: 'docker run --network none, python',
      language: 'python',
      options: ['--network', 'none'],
      times: [],
    },
  ]
  const size = quick ? QUICK : FULL
  const every = size.stocked / size.others
  for (let index = 0; index < size.stocked; index++) {
    progress(`call ${index + 1} of ${size.stocked}`)
    const subjects = index % every === 0 ? [...waits, ...none] : waits.slice(0, 1)
    for (const subject of subjects) {
      // A gateway that replaces the container it gave away would take the processor from another one's call.
      for (const each of [waits[0]!, none[0]!]) await each.docker.atRest(each.callbacks, each.waiting)
      await callCold(subject)
    }
    if (index % every === 0)
      for (const { language, options, times } of perCall) times.push(await runContainer(language, options))
  }
  return report([...waits, ...none], perCall)
})

async function subjectsOf(name: string, docker: DockerGateway, waiting: number): Promise<Subject[]> {
  const callbacks: number[] = []
  for (const type of DOCKER_LANGUAGES) {
    const limits = { idle_ms: SOON_IDLE }
    const id = await docker.gateway.register({ path: type, type, code: GREETING_CODE[type], limits })
    await docker.gateway.deploy(id, 'docker')
    callbacks.push(id)
  }
  return DOCKER_LANGUAGES.map((language) => ({
    name: `${language}, ${name}`,
    docker,
    language,
    callbacks,
    waiting,
    times: [],
    phases: Object.fromEntries(PHASES.map((phase) => [phase, [] as number[]])),
    failed: 0,
  }))
}

async function callCold(subject: Subject): Promise<void> {
  const { docker, language, times, phases } = subject
  const reply = await docker.gateway.call(language)
  const kind = reply.headers.get('x-faas-start')
  if (reply.status !== 200 || reply.body !== GREETING_BODY || kind === 'warm') subject.failed++
  else {
    times.push(reply.totalMs)
    const timing = serverTiming(reply)
    for (const phase of PHASES) phases[phase]!.push(timing.get(phase) ?? 0)
  }
}

function report(subjects: readonly Subject[], perCall: readonly PerCall[]) {
  const times = (name: string) => [...subjects, ...perCall].find((entry) => entry.name === name)!.times
  const over = (name: string, other: string) => ({
    name: `${name} / ${other}`,
    values: pairwise(times(name), times(other)),
  })
  const ratios = [
    over('python, none waits', 'docker run, python'),
    over('python, none waits', 'docker run --network none, python'),
    over('node, none waits', 'docker run, node'),
  ]
  const waits = times('python, a container waits')
  const targets: Target[] = [
    target('docker: cold Python, a container waits, p50', percentile(waits, 50), 'ms', 'at most', 60),
    target(
      'docker: cold Python, none waits / docker run',
      median(ratios[0]!.values),
      'ratio',
      'at most',
      1.3,
    ),
  ]
  return {
    about:
      `Calls that find no instance, one at a time on gateways at rest, to the last byte: the instance before ended by ` +
      `idle_ms ${SOON_IDLE}, and a new generic container waits where one should; beside them, in turns, docker run --rm ` +
      'of the same image with the same function, from the start of the client to its end; phases from Server-Timing',
    layout: 'samples' as const,
    series: [
      ...subjects.flatMap(seriesOf),
      ...perCall.map(
        (entry): Series => ({ subject: entry.name, metric: 'in all', unit: 'ms', values: entry.times }),
      ),
    ],
    ratios,
    targets,
    failures: Object.fromEntries(subjects.map(({ name, failed }) => [name, failed])),
    notes: [],
  }
}

function seriesOf({ name, times, phases }: Subject): Series[] {
  return [
    { subject: name, metric: 'in all', unit: 'ms', values: times },
    ...PHASES.map((phase): Series => ({ subject: name, metric: phase, unit: 'ms', values: phases[phase]! })),
  ]
}
