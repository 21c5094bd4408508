import type { ResolvedLimits } from '../domain/limits.ts'
import type { Exit, ExitReason } from '../domain/outcome.ts'

/** Why an instance is being closed, and since when. */
export interface Closing {
  readonly reason: ExitReason
  readonly detail: string
  /** Epoch milliseconds. */
  readonly since: number
  /** Where it is closed for its memory: what it took. MiB. */
  readonly usedMb: number | null
}

/** The note that a driver makes when it is told to close an instance. */
export function closingNow(reason: ExitReason, detail: string, usedMb: number | null = null): Closing {
  return { reason, detail, since: Date.now(), usedMb }
}

/** What the ledger says of an instance that was closed: past its time limit, for how long it was there after all. */
export function closedBy(
  { reason, detail, since, usedMb }: Closing,
  limits: ResolvedLimits,
): Pick<Exit, 'reason' | 'detail' | 'limit' | 'used'> {
  if (reason === 'memory') return { reason, detail, limit: limits.memory_mb, used: usedMb }
  if (reason !== 'timeout') return { reason, detail, limit: null, used: null }
  const { timeout_ms } = limits
  return { reason, detail, limit: timeout_ms, used: timeout_ms + Date.now() - since }
}
