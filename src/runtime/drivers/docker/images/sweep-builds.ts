import { isKnownDead } from '../../../owner.ts'
import { type Engine, statusOf } from '../engine/engine.ts'
import { BUILD_ROLE } from './install.ts'

/** No build may take longer; what is older belongs to a process that has ended. Seconds. */
const OLDEST_BUILD = 7200

/** Removes containers in which processes that have ended were installing for this gateway. */
export async function sweepBuilds({ docker, identity }: Engine): Promise<void> {
  const label = [`faas.gateway=${identity.gateway}`, `faas.role=${BUILD_ROLE}`]
  const found = await docker.listContainers({ all: true, filters: JSON.stringify({ label }) })
  for (const { Id, Created, Labels } of found) {
    const owner = Labels['faas.owner'] ?? ''
    const old = Date.now() / 1000 - Created > OLDEST_BUILD
    if (owner === identity.owner || !(old || isKnownDead(owner, identity.owner))) continue
    try {
      await docker.getContainer(Id).remove({ force: true, v: true })
    } catch (error) {
      // 409: another one is removing it.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    }
  }
}
