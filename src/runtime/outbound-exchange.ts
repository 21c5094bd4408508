import type { Send } from './exchange.ts'
import type { Waiting } from './outbound-lane.ts'
import type { Egress } from './runtime.ts'
import { type FailHead, TYPE } from './wire.ts'

/** An exchange that a guest opened: a fetch or a socket. */
export interface OutboundExchange extends Waiting {
  /** Takes a message of it that came after CALL. @throws WireError */
  receive(type: number, head: string, data: Uint8Array | null): void
  /** Since when its answer has waited for the guest to read on; null: it does not. Milliseconds of the clock. */
  readonly stalledSince: number | null
  /** Its answer breaks off for this reason, and others have its place. */
  breakOff(reason: string): void
  /** The instance is gone: it ends, and nothing is told any more. */
  close(): void
}

/** What such an exchange works with. */
export interface OutboundContext {
  readonly id: number
  readonly send: Send
  readonly egress: Egress
  /** Of the call that it belongs to. */
  readonly depth: number
  /** To be called once, when it is over. */
  readonly ended: () => void
}

/** Tells the guest that there will be no answer. */
export function sendFailure(send: Send, id: number, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const fail: FailHead = { kind: 'threw', name: 'TypeError', message, stack: '' }
  send(TYPE.FAIL, id, JSON.stringify(fail), null)
}
