import type { DeploymentRecord } from '../domain/deployment.ts'
import type { CType } from '../domain/runtime-name.ts'
import { isKnownDead } from '../runtime/owner.ts'
import type { StepTools } from './build.ts'

/** How long a build counts as alive after its owner was last heard of. Milliseconds. */
export const LEASE_MS = 30_000
export const RENEW_MS = 10_000

/** A build that was lost this often is given up: it may be what ends its gateways. */
const MAX_ATTEMPTS = 3
const TAKEN_UP = 'The gateway that ran this build is gone: it begins again'

/** A lost build that is now this gateway's to run. */
export interface TakenOver {
  readonly record: DeploymentRecord
  readonly cType: CType
}

/**
 * Claims the builds whose owners are gone: of several gateways that try, one gets each.
 * @param starting this gateway has just started: a dead process of this machine need not wait for its lease. Later
 * only the lease counts, for a process in another container may not be seen from here.
 */
export async function takeOverLostBuilds(
  tools: StepTools,
  isOurs: (callbackId: number) => boolean,
  starting: boolean,
): Promise<TakenOver[]> {
  const open = await tools.store.deployments.open_builds()
  const isLost = (record: DeploymentRecord) =>
    record.lease_until <= Date.now() || (starting && isKnownDead(record.owner, tools.owner))
  const lost = open.filter((record) => !isOurs(record.callback_id) && isLost(record))
  const taken = await Promise.all(lost.map((record) => takeOver(record, tools)))
  return taken.filter((build) => build !== null)
}

async function takeOver(lost: DeploymentRecord, tools: StepTools): Promise<TakenOver | null> {
  const { store, owner } = tools
  const { callback_id, version } = lost
  const claim = { owner, lease_until: Date.now() + LEASE_MS }
  if (!(await store.deployments.takeOver(callback_id, version, lost, claim))) return null
  const record = { ...lost, ...claim }
  const attempts = (await store.deployments.log(callback_id, version)) ?? []
  if (attempts.filter((line) => line === TAKEN_UP).length >= MAX_ATTEMPTS) {
    await giveUp(record, tools)
    return null
  }
  await store.deployments.appendLog(callback_id, version, [TAKEN_UP])
  const callback = await store.callbacks.get(callback_id)
  return callback === null ? null : { record, cType: callback.c_type ?? 'auto' }
}

async function giveUp(record: DeploymentRecord, { store, feed }: StepTools): Promise<void> {
  const { callback_id, version, step, timings } = record
  const message = `The gateway ended ${MAX_ATTEMPTS + 1} times during this build, last in step "${step}"`
  await store.deployments.fail(callback_id, version, { code: 'build_lost', message, step }, timings)
  feed.publish({ type: 'status', callback_id, status: 'failed', message })
  feed.publish({ type: 'error', callback_id, message })
}
