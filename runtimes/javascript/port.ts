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
  /** Name of the runtime, for `event.requestContext.runtime` and `navigator`. */
  readonly runtime: string
}
