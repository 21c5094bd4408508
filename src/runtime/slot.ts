import type { Exit, ExitReason } from '../domain/outcome.ts'
import type { InstanceView } from '../observe/observer.ts'
import type { Instance } from './runtime.ts'

export type SlotState = 'starting' | 'ready' | 'draining' | 'gone'

/** One place in a pool: an instance from the moment it is asked for until it is really gone. */
export class Slot {
  readonly id: string
  readonly startedAt: number
  instance: Instance | null = null
  state: SlotState = 'starting'
  inFlight = 0
  requests = 0
  /** It became ready with no call waiting for it, and none has come since. */
  fresh = false
  idleSince: number
  startMs = 0
  lastRequestId: string | null = null

  constructor(id: string, now: number) {
    this.id = id
    this.startedAt = now
    this.idleSince = now
  }

  /** Room for another call. */
  hasRoom(concurrency: number): boolean {
    return this.state === 'ready' && this.inFlight < concurrency
  }

  async close(reason: ExitReason, detail?: string): Promise<Exit | null> {
    if (this.state === 'ready') this.state = 'draining'
    return this.instance === null ? null : this.instance.close(reason, detail)
  }

  view(callbackId: number, version: number, runtime: string, now: number): InstanceView {
    const usage = this.instance?.usage()
    return {
      instance_id: this.id,
      callback_id: callbackId,
      version,
      runtime,
      state: this.state === 'gone' ? 'draining' : this.state,
      in_flight: this.inFlight,
      requests: this.requests,
      memory_mb: usage?.memory_mb ?? null,
      peak_memory_mb: usage?.peak_memory_mb ?? null,
      cpu_ms: usage?.cpu_ms ?? null,
      generation: version,
      started_at: new Date(this.startedAt).toISOString(),
      age_ms: now - this.startedAt,
    }
  }
}
