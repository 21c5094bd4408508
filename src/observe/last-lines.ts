import type { LogLine } from '../domain/outcome.ts'
import type { LastLine } from '../store/store.ts'

/** Lines of one instance that go into the ledger, and how much of each. UTF-16 units. */
const LINES = 10
const LENGTH = 1000
/** Instances whose lines are kept: one whose start failed is never taken out, so the oldest give way. */
const INSTANCES = 2000

/** What each live instance printed last: the death ledger shows it beside the reason. */
export class LastLines {
  readonly #byInstance = new Map<string, LastLine[]>()

  add({ instance_id, request_id, level, time, message }: LogLine): void {
    const lines = this.#byInstance.get(instance_id) ?? this.#admit(instance_id)
    const shown = message.length > LENGTH ? `${message.slice(0, LENGTH).toWellFormed()}…` : message
    if (lines.length >= LINES) lines.shift()
    lines.push({ request_id, level, time, message: shown })
  }

  /** Hands over the lines of an instance that has ended, oldest first. */
  take(instanceId: string): LastLine[] {
    const lines = this.#byInstance.get(instanceId) ?? []
    this.#byInstance.delete(instanceId)
    return lines
  }

  #admit(instanceId: string): LastLine[] {
    if (this.#byInstance.size >= INSTANCES) {
      for (const oldest of this.#byInstance.keys()) {
        this.#byInstance.delete(oldest)
        break
      }
    }
    const lines: LastLine[] = []
    this.#byInstance.set(instanceId, lines)
    return lines
  }
}
