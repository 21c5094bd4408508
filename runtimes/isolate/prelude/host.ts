// The way out to the host process. It is absent while the prelude is made into a snapshot, and bound after.

/** Types of the messages that end in the host process: the wire's are below 64. */
export const LOCAL = {
  /** Head: milliseconds until the next timer is due. */
  WAKE: 64,
  /** A timer is due. */
  TICK: 65,
  /** A service is wanted. Head: its name, data: its arguments. */
  ASK: 66,
  /** Its result. Head: empty, or why it failed as JSON `{name, message}`; data: the value. */
  REPLY: 67,
  /** Sent: a turn of its own is wanted. Received: here it is. */
  TURN: 68,
  /** A promise was rejected and nobody handled it. Head: the error as JSON, or empty; data: the reason where it is no object. */
  REJECTED: 69,
} as const

/** The two functions that the host process gives: neither is ever handed to scripts. */
export interface Host {
  /** Takes messages, four items each: type, id, head, data. Returns at once. */
  send(flat: unknown[]): void
  /** Does a service at once. */
  call(service: string, argument: unknown): unknown
}

let host: Host | null = null

export function bindHost(bound: Host): void {
  host = bound
}

export function isBound(): boolean {
  return host !== null
}

/** Twenty microseconds or more: for things that scripts want at once and rarely. */
export function callHost(service: string, argument: unknown): unknown {
  if (host === null) throw new Error(`Cannot use "${service}": the sandbox is not bound to its host`)
  return host.call(service, argument)
}

/** The host waits for the entry that runs: it takes nothing but what it is called for. */
let direct = false

export function hostWaits(waits: boolean): void {
  direct = waits
}

export function sendToHost(flat: unknown[]): void {
  if (direct) host?.call('send', flat)
  else host?.send(flat)
}
