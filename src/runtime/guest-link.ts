import type { Send } from './exchange.ts'
import { FrameReader, FrameWriter } from './frames.ts'
import type { Message } from './wire.ts'

/** Gathered bytes that are worth a write before the turn of the event loop ends. */
const FLUSH_AT = 262_144

/** Both directions of the wire to one guest's process, over whatever carries bytes. */
export class GuestLink {
  /** Called for each message of the guest. */
  onMessage: (message: Message) => void = () => undefined
  /** Called once when the guest sent what is not the protocol: nothing more is read. */
  onBroken: (error: unknown) => void = () => undefined
  readonly #write: (bytes: Uint8Array) => void
  readonly #writer = new FrameWriter()
  readonly #reader = new FrameReader((message) => this.onMessage(message))
  #scheduled = false
  #closed = false

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  /** A burst of messages is one write. */
  readonly send: Send = (type, id, head, data) => {
    if (this.#closed) return
    this.#writer.write({ type, instance: 0, id, head, data })
    if (this.#writer.pending >= FLUSH_AT) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => this.#flush())
    }
  }

  /** Takes bytes of the guest. */
  push(chunk: Uint8Array): void {
    if (this.#closed) return
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#closed = true
      this.onBroken(error)
    }
  }

  /** Nothing is sent or read any more. */
  close(): void {
    this.#closed = true
  }

  #flush(): void {
    this.#scheduled = false
    if (this.#writer.pending > 0 && !this.#closed) this.#write(this.#writer.take())
  }
}
