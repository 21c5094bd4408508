import type { Invocation, LogLine } from '../domain/outcome.ts'
import type { EndedInstance } from '../store/store.ts'

/** Where finished calls, printed lines and ended instances go. Sinks batch; none may throw. */
export interface Observer extends AsyncDisposable {
  invocation(row: Invocation): void
  /** Whether one more plain success of that callback would be kept: under load only a sample is. Counts it. */
  samples(callbackId: number): boolean
  log(line: LogLine): void
  /** The ledger keeps it with the lines that it printed last. */
  exit(row: EndedInstance): void
  /** Writes what is batched, now; resolves when it is durable. */
  flush(): Promise<void>
  /** Lines of one callback as they are printed. @returns a function that ends the subscription */
  follow(callbackId: number, listener: (line: LogLine) => void): () => void
}

/** One live instance, as GET /callbacks/{id}/instances shows it. */
export interface InstanceView {
  readonly instance_id: string
  readonly callback_id: number
  readonly version: number
  readonly runtime: string
  readonly state: 'starting' | 'ready' | 'draining'
  readonly in_flight: number
  readonly requests: number
  readonly memory_mb: number | null
  readonly peak_memory_mb: number | null
  readonly cpu_ms: number | null
  /** The deployment's version again, under the name that says which code and env it serves. */
  readonly generation: number
  readonly started_at: string
  readonly age_ms: number
}
