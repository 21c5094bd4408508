import { clearTimeout, setTimeout } from 'node:timers'

/** Failures in a row after which single rows come under suspicion: a row whose callback is gone fails for ever. */
const PATIENCE = 3
/** Failures in a row after which a batch of nothing but refused rows is given up. */
const LAST_TRY = 8

/** How one kind of row is written. */
export interface LaneOptions<Row> {
  /** For messages: `invocations`. */
  readonly name: string
  readonly write: (rows: readonly Row[]) => Promise<void>
  /** Rejects when the store itself does not answer: then no row is to blame. */
  readonly ping: () => Promise<void>
  readonly warn: (message: string) => void
  readonly flushMs: number
  readonly batchRows: number
  /** Rows kept while the store fails; beyond it the oldest are dropped. */
  readonly maxRows: number
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Called when a batch was taken for writing. */
  readonly onBatch?: () => void
}

/** Rows in memory on their way to the store. */
export interface Lane<Row> {
  push(row: Row): void
  /** Resolves when every row pushed so far is written or given up. */
  flush(): Promise<void>
  /** Ends retrying. @returns rows that never got written */
  close(): number
}

/** Makes a lane: rows are written in batches, one batch at a time, and again until the store takes them. */
export function createLane<Row>(options: LaneOptions<Row>): Lane<Row> {
  const { batchRows, maxRows, name } = options
  const rows: Row[] = []
  /** Rows that have left the lane, written or not: a flush waits until it has passed what it saw. */
  let gone = 0
  let failures = 0
  let dropped = 0
  let writing = false
  let closed = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let waiters: { until: number; resolve: () => void }[] = []

  const schedule = (ms: number): void => {
    if (timer !== null || writing || closed || rows.length === 0) return
    timer = setTimeout(() => void drain(), ms)
    // Someone who waits for a flush keeps the process alive for it.
    if (waiters.length === 0) timer.unref()
  }
  const leave = (count: number): void => {
    rows.splice(0, count)
    gone += count
    waiters = waiters.filter((waiter) => {
      if (gone >= waiter.until) waiter.resolve()
      return gone < waiter.until
    })
  }
  const drain = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (writing || closed) return
    writing = true
    let ok = true
    while (ok && rows.length > 0 && !closed) ok = await writeBatch()
    writing = false
    if (!ok) schedule(Math.min(options.maxRetryMs, options.retryMs * 2 ** (failures - 1)))
  }
  const writeBatch = async (): Promise<boolean> => {
    options.onBatch?.()
    const batch = rows.slice(0, batchRows)
    const before = gone
    const { settled, refused } = await deliver(options, batch, failures >= PATIENCE)
    const whole = settled === batch.length && (refused < settled || failures >= LAST_TRY || refused === 0)
    if (!whole) {
      failures++
      if (failures === 1) options.warn(`Cannot write ${name}: the database does not take them: trying again`)
      if (refused === 0) leaveBatch(settled, before)
      return false
    }
    if (refused > 0)
      options.warn(`Cannot write ${refused} ${name}: the database refuses these rows: they are dropped`)
    if (dropped > 0) options.warn(`${dropped} ${name} were dropped while the database did not take them`)
    failures = 0
    dropped = 0
    leaveBatch(settled, before)
    return true
  }
  /** Some of the batch may have been pushed out while it was being written. */
  const leaveBatch = (settled: number, before: number): void => leave(Math.max(0, settled - (gone - before)))

  return {
    push(row) {
      rows.push(row)
      if (rows.length > maxRows) {
        if (dropped === 0)
          options.warn(`Cannot keep more than ${maxRows} ${name} in memory: the oldest are dropped`)
        const excess = Math.max(1, Math.floor(maxRows / 10))
        dropped += excess
        leave(excess)
      }
      if (rows.length >= batchRows && failures === 0 && !writing) void drain()
      else schedule(options.flushMs)
    },
    flush() {
      if (rows.length === 0) return Promise.resolve()
      const until = gone + rows.length
      const done = new Promise<void>((resolve) => waiters.push({ until, resolve }))
      void drain()
      return done
    },
    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      const lost = rows.length
      leave(lost)
      return lost
    },
  }
}

/** Rows of a batch, from its front, that are written or refused for good. */
interface Delivery {
  readonly settled: number
  readonly refused: number
}

/** Writes rows; when asked to search, finds those that a store which answers refuses, by halves. */
async function deliver<Row>(
  options: LaneOptions<Row>,
  batch: readonly Row[],
  search: boolean,
): Promise<Delivery> {
  try {
    await options.write(batch)
    return { settled: batch.length, refused: 0 }
  } catch {
    if (!search || !(await answers(options.ping))) return { settled: 0, refused: 0 }
  }
  if (batch.length <= 1) return { settled: batch.length, refused: batch.length }
  const middle = batch.length >> 1
  const first = await deliver(options, batch.slice(0, middle), true)
  if (first.settled < middle) return first
  const second = await deliver(options, batch.slice(middle), true)
  return { settled: middle + second.settled, refused: first.refused + second.refused }
}

async function answers(ping: () => Promise<void>): Promise<boolean> {
  try {
    await ping()
    return true
  } catch {
    return false
  }
}
