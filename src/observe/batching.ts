import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers'
import type { Invocation, LogLine } from '../domain/outcome.ts'
import type { InstanceExit, RecordStore } from '../store/store.ts'
import { createLane, type Lane } from './lane.ts'
import { LastLines } from './last-lines.ts'
import type { Log } from './log.ts'
import type { Observer } from './observer.ts'

export interface ObserverOptions {
  readonly store: RecordStore
  /** Rows kept per callback in the store. */
  readonly bounds: { readonly invocations: number; readonly logs: number; readonly exits: number }
  readonly log: Log['write']
  /** Longest a row waits for its batch. Milliseconds. @default 500 */
  readonly flushMs?: number
  /** Rows that make a batch before its time. @default 500 */
  readonly batchRows?: number
  /** Rows of a kind in memory, at the most. @default 10000 */
  readonly maxRows?: number
  /** Rows of one callback's plain successes per batch. @default 20 */
  readonly sample?: number
  /** First pause after a failed write; it doubles up to 60 times itself. Milliseconds. @default 500 */
  readonly retryMs?: number
  /** Pause between two trims of the store. Milliseconds. @default 60000 */
  readonly trimMs?: number
  /** How long the end waits for the store. Milliseconds. @default 5000 */
  readonly closeMs?: number
}

/** Batches what happens in memory and writes it to the store behind the calls; never throws, never blocks. */
export function createObserver(options: ObserverOptions): Observer {
  const { store, bounds, log, sample = 20, trimMs = 60_000, closeMs = 5000 } = options
  const followers = new Map<number, Set<(line: LogLine) => void>>()
  const lastLines = new LastLines()
  const taken = new Map<number, number>()
  let untrimmed = false
  let closed = false

  const lane = <Row>(
    name: string,
    write: (rows: readonly Row[]) => Promise<void>,
    onBatch?: () => void,
  ): Lane<Row> => {
    const { flushMs = 500, batchRows = 500, maxRows = 10_000, retryMs = 500 } = options
    return createLane({
      name,
      write: async (rows: readonly Row[]) => {
        await write(rows)
        untrimmed = true
      },
      // Any read will do: a store that answers it and refuses a write has something against the rows.
      ping: async () => void (await store.exits(0, 1)),
      warn: (message) => log('warn', message),
      flushMs,
      batchRows,
      maxRows,
      retryMs,
      maxRetryMs: retryMs * 60,
      ...(onBatch === undefined ? {} : { onBatch }),
    })
  }
  const invocations = lane<Invocation>(
    'invocations',
    (rows) => store.addInvocations(rows),
    () => taken.clear(),
  )
  const logs = lane<LogLine>('log lines', (rows) => store.addLogs(rows))
  const exits = lane<InstanceExit>('instance exits', (rows) => store.addExits(rows))
  const lanes = [invocations, logs, exits]

  const trim = async (): Promise<void> => {
    if (!untrimmed) return
    untrimmed = false
    try {
      await store.trim(bounds)
    } catch {
      untrimmed = true
    }
  }
  const trimmer = setInterval(() => void trim(), trimMs)
  trimmer.unref()

  const flush = async (): Promise<void> => {
    await Promise.all(lanes.map((each) => each.flush()))
  }

  return {
    invocation(row) {
      if (!closed) invocations.push(row)
    },
    samples(callbackId) {
      const count = taken.get(callbackId) ?? 0
      if (count >= sample) return false
      taken.set(callbackId, count + 1)
      return true
    },
    log(line) {
      for (const listener of followers.get(line.callback_id) ?? []) {
        try {
          listener(line)
        } catch {
          // A reader of logs cannot break the call that printed them.
        }
      }
      lastLines.add(line)
      if (!closed) logs.push(line)
    },
    exit(row) {
      const last_logs = lastLines.take(row.instance_id)
      if (!closed) exits.push({ ...row, last_logs })
    },
    flush,
    follow(callbackId, listener) {
      const own = (line: LogLine): void => listener(line)
      const known = followers.get(callbackId) ?? new Set()
      followers.set(callbackId, known.add(own))
      return () => {
        known.delete(own)
        if (known.size === 0 && followers.get(callbackId) === known) followers.delete(callbackId)
      }
    },
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      clearInterval(trimmer)
      await within(closeMs, flush())
      await within(closeMs, trim())
      const lost = lanes.reduce((sum, each) => sum + each.close(), 0)
      if (lost > 0)
        log('warn', `${lost} records were lost at the end: the database did not take them in ${closeMs} ms`)
    },
  }
}

function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void work.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
