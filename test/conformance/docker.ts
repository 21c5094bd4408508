import type { Test } from 'uvu'
import { dockerMissing, gatewayId, hostForContainers, partsOf } from '../support/docker.ts'
import { skip } from '../support/skip.ts'
import type { Profile } from './profiles.ts'
import { declareTable } from './table.ts'

/** Each case deploys a function or more: containers for the next ones start meanwhile. */
const PREWARM = '3'

/** Declares the whole table on a real engine; nothing of the gateway may be left on that afterwards. */
export async function declareDockerTable(test: Test, profile: Profile): Promise<void> {
  const missing = dockerMissing()
  if (missing !== null) {
    skip(test, 'the whole table', { name: 'docker', missing })
    return
  }
  await declareTable(test, profile, {
    settings: { FAAS_DOCKER_HOST: '', FAAS_DOCKER_PREWARM: PREWARM, FAAS_EGRESS: 'none' },
    ...(profile.language === 'node' ? { networked: { FAAS_DOCKER_HOST: '', FAAS_DOCKER_PREWARM: '0' } } : {}),
    reachable: await hostForContainers(),
    async leavings(dataDir) {
      const gateway = await gatewayId(dataDir)
      return () => partsOf(gateway)
    },
  })
}
