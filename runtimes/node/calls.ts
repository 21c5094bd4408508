import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallFollower, CallMark } from '../javascript/call-frames.ts'

/** Follows calls as Node itself does: through promises, timers, sockets and everything else. */
export function followCalls(): CallFollower {
  const storage = new AsyncLocalStorage<CallMark | null>()
  return {
    within: (mark, work) => storage.run(mark, work),
    current: () => storage.getStore() ?? null,
  }
}
