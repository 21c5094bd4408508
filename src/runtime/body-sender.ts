import { CHUNK, WINDOW, WireError } from './wire.ts'

/** Where a body's pieces go. */
export interface BodySink {
  data(bytes: Uint8Array): void
  end(): void
  /** The source failed or was given up. */
  reset(reason: string): void
}

/** Sends one body in DATA messages, never more than `WINDOW` bytes ahead of its reader. */
export class BodySender {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #sink: BodySink
  #window = WINDOW
  #resume: (() => void) | null = null
  #stopped = false

  constructor(source: ReadableStream<Uint8Array>, sink: BodySink) {
    this.#reader = source.getReader()
    this.#sink = sink
  }

  /** Runs until the source has ended, failed, or the other side wants no more. Never rejects. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read()
        if (this.#stopped) return
        if (done) {
          this.#sink.end()
          return
        }
        for (let at = 0; at < value.length; at += CHUNK) {
          const piece = value.subarray(at, at + CHUNK)
          if (this.#window <= 0) await this.#credited()
          if (this.#stopped) return
          this.#window -= piece.length
          this.#sink.data(piece)
        }
      }
    } catch (error) {
      if (!this.#stopped) this.#sink.reset(error instanceof Error ? error.message : String(error))
    }
  }

  /** @throws WireError when it is not a number of bytes */
  credit(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new WireError('a credit that is no number of bytes')
    this.#window = Math.min(WINDOW, this.#window + bytes)
    if (this.#window > 0) this.#resume?.()
  }

  /** The other side wants no more: the source is cancelled. */
  stop(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#resume?.()
    this.#reader.cancel(reason).catch(() => undefined)
  }

  #credited(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = null
        resolve()
      }
    })
  }
}
