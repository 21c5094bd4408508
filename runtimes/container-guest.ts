/** What a container runs to become a guest, and what it reads first. */
export interface ContainerGuest {
  /** A constant bootstrap: it reads `payload` from its standard input and runs it. */
  readonly command: readonly string[]
  /** The runner's source behind its length (u32, little endian). Only frames of the wire follow it. */
  readonly payload: Uint8Array
}
