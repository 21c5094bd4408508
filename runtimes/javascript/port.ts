/** What the guest hands to its gateway: a `Message` of the wire without the instance, which the sandbox's owner knows. */
export interface GuestMessage {
  type: number
  id: number
  head: string
  data: Uint8Array | string | null
}

/** The guest's only way out. */
export interface Port {
  send(message: GuestMessage): void
  /** Lets go of what was sent, now, where `send` gathers it: the code that runs may never come to its end. */
  flush?(): void
  /** Name of the runtime, for `event.requestContext.runtime` and `navigator`. */
  readonly runtime: string
}
