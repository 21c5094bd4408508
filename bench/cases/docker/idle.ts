import type { Language } from '../../../src/domain/runtime-name.ts'
import { SOON_IDLE } from '../../deployments.ts'
import { type ContainerMemory, containerMemory } from '../../docker/container-memory.ts'
import { dockerCase } from '../../docker/docker-case.ts'
import { DOCKER_LANGUAGES, GREETING_CODE } from '../../docker/functions.ts'
import { startDockerGateway } from '../../docker/gateway.ts'
import { MIB } from '../../memory.ts'
import { type Series, type Target, target } from '../../results.ts'

const WAITING = 3
const METRICS = ['total', 'active', 'anonymous'] as const

/** What a container takes while it waits for a function. */
export const dockerIdle = dockerCase('docker-idle', async ({ progress }) => {
  const series: Series[] = []
  const targets: Target[] = []
  const notes: string[] = []
  for (const language of DOCKER_LANGUAGES) {
    progress(`${WAITING} containers of ${language}`)
    const memories = await waitingMemory(language)
    if (memories === null) {
      notes.push(`${language}: the control groups of the engine cannot be read from here`)
      continue
    }
    for (const metric of METRICS) {
      const values = memories.map((memory) => memory[metric] / MIB)
      series.push({ subject: `${language}, waiting`, metric, unit: 'MiB', values })
    }
    const most = Math.max(...memories.map(({ total }) => total)) / MIB
    targets.push(
      target(`docker: memory of a waiting ${language} container, most`, most, 'MiB', 'at most', 20),
    )
  }
  return {
    about:
      `Memory of ${WAITING} containers of each language that wait for a function, as their control groups count it: in total, ` +
      'with the page cache that is charged to them and the share of the kernel; active, as docker stats shows it; and ' +
      'anonymous pages alone',
    layout: 'samples',
    series,
    ratios: [],
    targets,
    failures: {},
    notes,
  }
})

/** Null where it cannot be read. */
async function waitingMemory(language: Language): Promise<readonly ContainerMemory[] | null> {
  await using docker = await startDockerGateway({ FAAS_DOCKER_PREWARM: String(WAITING) })
  const { gateway } = docker
  const limits = { idle_ms: SOON_IDLE }
  const id = await gateway.register({ path: 'idle', type: language, code: GREETING_CODE[language], limits })
  await gateway.deploy(id, 'docker')
  await docker.atRest([id], WAITING)
  const memories = await Promise.all((await docker.containers()).map(containerMemory))
  return memories.every((memory) => memory !== null) ? memories : null
}
