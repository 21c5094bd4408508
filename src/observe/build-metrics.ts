import type { DeployFeed } from '../deploy/deployer.ts'
import type { Metrics } from './metrics.ts'

/** Counts the builds that the feed tells of, with how long each took. */
export function countBuilds(feed: DeployFeed, metrics: Metrics): void {
  const began = new Map<number, number>()
  feed.subscribe((message) => {
    if (message.type !== 'status') return
    const { callback_id, status } = message
    if (status === 'start') began.set(callback_id, performance.now())
    if (status !== 'success' && status !== 'failed') return
    const since = began.get(callback_id)
    began.delete(callback_id)
    metrics.built(status, since === undefined ? 0 : (performance.now() - since) / 1000)
  })
}
