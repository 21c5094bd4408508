import type { InstanceLog } from './runtime.ts'

/** What a guest may exceed its own bound by, and how much it may send at a stroke, in seconds of that. */
const SLACK = 2
const BURST = 3
/** Lines that are sent beyond the rate in the ordinary course: what tells of others, rejections. */
const EXTRA = 100

/** Passes on the lines of one instance, at a rate that its guest keeps to by itself: a guest is not trusted. */
export function createLogBudget(
  linesPerSecond: number,
  log: (line: InstanceLog) => void,
): (line: InstanceLog) => void {
  const rate = linesPerSecond * SLACK
  const most = rate * BURST + EXTRA
  let tokens = most
  let filledAt = performance.now()
  return (line) => {
    if (tokens < 1) {
      const now = performance.now()
      tokens = Math.min(most, ((now - filledAt) / 1000) * rate)
      filledAt = now
      if (tokens < 1) return
    }
    tokens--
    log(line)
  }
}
