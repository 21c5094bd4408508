import { SOON_IDLE } from '../../deployments.ts'
import { dockerCase } from '../../docker/docker-case.ts'
import { GREETING_BODY, slowCode } from '../../docker/functions.ts'
import { type DockerGateway, startDockerGateway } from '../../docker/gateway.ts'
import { startHttpClient } from '../../http-client.ts'
import { type Series, target } from '../../results.ts'

const HOST = '127.0.0.1'
const AT_ONCE = 50
const MAX_INSTANCES = 3
const HANDLER_MS = 50
const WAITING = 1
const FULL = 5
const QUICK = 1

/** Functions that take many calls each at once, and that take one: the second wants more instances than it may have. */
const FUNCTIONS = [
  { name: 'many calls an instance', path: 'many', limits: {} },
  { name: 'one call an instance', path: 'one', limits: { concurrency: 1 } },
] as const

/** What the bursts of one function came to. */
interface Figures {
  readonly first: number[]
  readonly slowest: number[]
  readonly containers: number[]
  failed: number
}

/** Many first calls of one cold function at the same moment: how many containers there are at the most. */
export const dockerBurst = dockerCase('docker-burst', async ({ quick, progress }) => {
  await using docker = await startDockerGateway({ FAAS_DOCKER_PREWARM: String(WAITING) })
  progress('deploying')
  const ids: number[] = []
  for (const { path, limits } of FUNCTIONS) {
    const all = { ...limits, max_instances: MAX_INSTANCES, idle_ms: SOON_IDLE }
    const id = await docker.gateway.register({
      path,
      type: 'python',
      code: slowCode(HANDLER_MS),
      limits: all,
    })
    await docker.gateway.deploy(id, 'docker')
    ids.push(id)
  }
  const rounds = quick ? QUICK : FULL
  const figures = FUNCTIONS.map((): Figures => ({ first: [], slowest: [], containers: [], failed: 0 }))
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`)
    for (const [index, { path }] of FUNCTIONS.entries()) {
      await docker.atRest(ids, WAITING)
      await burst(docker, path, figures[index]!)
    }
  }
  const most = Math.max(...figures.flatMap(({ containers }) => containers))
  const failed = figures.reduce((sum, entry) => sum + entry.failed, 0)
  return {
    about:
      `${AT_ONCE} first calls of one cold Python function at once, ${rounds} times, of one whose instances take 64 calls each ` +
      `and of one whose instances take one; max_instances ${MAX_INSTANCES}, a handler of ${HANDLER_MS} ms; containers as the ` +
      `engine lists them meanwhile, without the ${WAITING} that waits for another function; to the last byte`,
    layout: 'samples',
    series: FUNCTIONS.flatMap(({ name }, index): Series[] => [
      { subject: name, metric: 'fastest', unit: 'ms', values: figures[index]!.first },
      { subject: name, metric: 'slowest', unit: 'ms', values: figures[index]!.slowest },
      { subject: name, metric: 'containers', unit: 'count', values: figures[index]!.containers },
    ]),
    ratios: [],
    targets: [
      target(`docker: containers for ${AT_ONCE} first calls, most`, most, 'count', 'at most', MAX_INSTANCES),
      target(`docker: failures of ${AT_ONCE} first calls`, failed, 'count', 'at most', 0),
    ],
    failures: Object.fromEntries(FUNCTIONS.map(({ name }, index) => [name, figures[index]!.failed])),
    notes: [],
  }
})

async function burst(docker: DockerGateway, path: string, figures: Figures): Promise<void> {
  const clients = Array.from({ length: AT_ONCE }, () => startHttpClient(HOST, docker.gateway.port))
  try {
    // The connections exist before the first measured call.
    await Promise.all(clients.map((client) => client.request('GET', '/api/no-such-function')))
    let under = true
    const watched = mostContainers(docker, () => under)
    const replies = await Promise.all(clients.map((client) => client.request('GET', `/api/${path}`)))
    under = false
    const times = replies.map(({ totalMs }) => totalMs)
    figures.first.push(Math.min(...times))
    figures.slowest.push(Math.max(...times))
    figures.failed += replies.filter(({ status, body }) => status !== 200 || body !== GREETING_BODY).length
    figures.containers.push((await watched) - WAITING)
  } finally {
    for (const client of clients) client.close()
  }
}

/** Looks again and again, and once more when it is over: instances stay a moment. */
async function mostContainers(docker: DockerGateway, goOn: () => boolean): Promise<number> {
  let most = 0
  for (let last = false; !last; ) {
    last = !goOn()
    most = Math.max(most, (await docker.containers()).length)
  }
  return most
}
