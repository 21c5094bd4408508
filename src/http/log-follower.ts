import { setTimeout as sleep } from 'node:timers/promises'
import type { Observer } from '../observe/observer.ts'
import type { Store } from '../store/store.ts'
import { Bell, type EventSource, type ServerEvent } from './event-stream.ts'

const PAGE = 200
/** Lines printed within this time are read together: a busy function must not turn every line into a query. */
const GATHER_MS = 50
/** Other gateways write to the same database without ringing here. */
const LOOK_AGAIN_MS = 1000

export interface FollowOptions {
  readonly callbackId: number
  /** Lines of the past to begin with. */
  readonly backfill: number
  /** Begin behind this line instead. */
  readonly after?: number
}

/**
 * Follows the log of one callback through the database: a printed line only rings the bell, and what is sent is
 * read by id, behind the last line sent. So past and present join without a gap or a line twice, a stream that
 * broke goes on where it ended, and the backlog of a slow client lies in the database. Lines that the
 * database dropped before they could be read are counted and told.
 */
export function followLog(
  { store, observer }: { store: Store; observer: Observer },
  { callbackId, backfill, after }: FollowOptions,
): EventSource {
  const bell = new Bell()
  let printed = 0
  let sent = 0
  let last = after
  let lookedAt = Number.NEGATIVE_INFINITY
  let wanted = true
  let more = false
  const unfollow = observer.follow(callbackId, () => {
    printed++
    wanted = true
    bell.ring()
  })

  return {
    bell,
    close: unfollow,
    async next() {
      const since = performance.now() - lookedAt
      if (!wanted && since < LOOK_AGAIN_MS) return []
      if (!more && since < GATHER_MS) await sleep(GATHER_MS - since)
      wanted = more = false
      lookedAt = performance.now()
      const printedBefore = printed
      await observer.flush()
      const first = last === undefined
      const rows = await store.records.logs(
        callbackId,
        last === undefined ? { limit: backfill } : { limit: PAGE, after: last },
      )
      last = rows.at(-1)?.id ?? last ?? 0
      const events: ServerEvent[] = rows.map((row) => ({ id: row.id, data: row }))
      if (first) {
        // What was printed until here is in the backfill, or was older than it reaches.
        sent = printed = 0
        wanted = true
        return events
      }
      sent += rows.length
      if (rows.length === PAGE) {
        wanted = more = true
      } else if (sent < printedBefore) {
        const message = `${printedBefore - sent} lines were dropped before they could be sent`
        events.unshift({ event: 'note', data: { message } })
        sent = printedBefore
      }
      return events
    },
  }
}
