import { CHUNK, WINDOW, WireError } from './wire.ts'

/** One body as it arrives in DATA messages, given out as a stream; what its reader consumed goes back as credit. */
export class BodyReceiver {
  readonly stream: ReadableStream<Uint8Array>
  readonly #queue: Uint8Array[] = []
  readonly #credit: (bytes: number) => void
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  #wanted: (() => void) | null = null
  #consumed = 0
  #held = 0
  #ended = false

  /**
   * @param credit tells the sender how many bytes were consumed
   * @param cancel tells the sender that nobody reads on
   */
  constructor(credit: (bytes: number) => void, cancel: () => void) {
    this.#credit = credit
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => {
          if (this.#ended) return
          this.#ended = true
          this.#queue.length = 0
          cancel()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** @throws WireError when the sender does not keep to its window: it must not fill our memory */
  data(bytes: Uint8Array): void {
    if (this.#ended) return
    this.#held += bytes.length
    if (this.#held > WINDOW + CHUNK) throw new WireError(`${this.#held} bytes of a body came unasked`)
    // The bytes lie in a buffer shared with other frames: a slow reader must not keep all of it alive.
    this.#queue.push(bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice())
    this.#wake()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#queue.length === 0) this.#controller?.close()
    this.#wake()
  }

  error(reason: Error): void {
    this.#ended = true
    this.#queue.length = 0
    this.#controller?.error(reason)
    this.#wake()
  }

  #pull(): Promise<void> | void {
    if (this.#give()) return
    return new Promise<void>((resolve) => {
      this.#wanted = () => {
        this.#wanted = null
        this.#give()
        resolve()
      }
    })
  }

  #wake(): void {
    this.#wanted?.()
  }

  #give(): boolean {
    const bytes = this.#queue.shift()
    if (bytes === undefined) return this.#ended
    this.#controller?.enqueue(bytes)
    this.#consumed += bytes.length
    if (this.#ended && this.#queue.length === 0) this.#controller?.close()
    else if (this.#consumed >= WINDOW / 4 || this.#queue.length === 0) {
      this.#held -= this.#consumed
      this.#credit(this.#consumed)
      this.#consumed = 0
    }
    return true
  }
}
