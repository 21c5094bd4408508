import type { DeployFeed, DeployMessage } from '../deploy/deployer.ts'
import { Bell, type EventSource, type ServerEvent } from './event-stream.ts'

const MAX_WAITING = 1000

/** The progress of every build, as events. A client that is too slow misses the oldest ones and is told. */
export function buildEvents(feed: DeployFeed): EventSource {
  const bell = new Bell()
  const waiting: DeployMessage[] = []
  let dropped = 0
  const close = feed.subscribe((message) => {
    waiting.push(message)
    if (waiting.length > MAX_WAITING) {
      waiting.shift()
      dropped++
    }
    bell.ring()
  })

  return {
    bell,
    close,
    next() {
      const events: ServerEvent[] = waiting.splice(0).map((data) => ({ data }))
      if (dropped > 0) {
        events.unshift({ event: 'note', data: { message: `${dropped} messages were dropped: read faster` } })
        dropped = 0
      }
      return events
    },
  }
}
