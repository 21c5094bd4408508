import type { Transform } from 'node:stream'

/** Where the bytes of an answer come from: the connection. */
export interface BodySource {
  pause(): void
  resume(): void
  abort(reason: Error): void
}

/** Bytes that are held for a reader who takes his time. */
const HELD = 65_536

/** The body of an answer as a stream: the connection is read only as fast as the stream is. */
export class AnswerBody {
  readonly stream: ReadableStream<Uint8Array>
  readonly #source: BodySource
  readonly #first: Transform | null
  readonly #last: Transform | null
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #over = false

  /** @param decoders take the content codings off, in this order */
  constructor(source: BodySource, decoders: readonly Transform[]) {
    this.#source = source
    this.#first = decoders[0] ?? null
    this.#last = decoders.at(-1) ?? null
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => {
          if (this.#last === null) source.resume()
          else this.#last.resume()
        },
        cancel: () => {
          this.#finish()
          source.abort(new Error('the body is not wanted'))
        },
      },
      { highWaterMark: HELD, size: (chunk) => chunk.length },
    )
    this.#join(decoders)
  }

  data(bytes: Uint8Array): void {
    if (this.#over) return
    if (this.#first === null) this.#give(bytes, this.#source)
    else if (!this.#first.write(bytes)) this.#source.pause()
  }

  end(): void {
    if (this.#over) return
    if (this.#first !== null) this.#first.end()
    else {
      this.#over = true
      this.#controller.close()
    }
  }

  error(reason: Error): void {
    if (this.#over) return
    this.#finish()
    this.#controller.error(reason)
  }

  #give(bytes: Uint8Array, source: { pause(): void }): void {
    this.#controller.enqueue(bytes)
    if (this.#controller.desiredSize! <= 0) source.pause()
  }

  #join(decoders: readonly Transform[]): void {
    const last = this.#last
    if (last === null) return
    this.#first?.on('drain', () => this.#source.resume())
    for (const [at, decoder] of decoders.entries()) {
      const next = decoders[at + 1]
      if (next !== undefined) decoder.pipe(next)
      decoder.on('error', (error) => {
        this.error(new TypeError(`the body could not be decoded: ${error.message}`))
        this.#source.abort(error)
      })
    }
    last.on('data', (bytes: Uint8Array) => {
      if (!this.#over) this.#give(bytes, last)
    })
    last.on('end', () => {
      if (this.#over) return
      this.#over = true
      this.#controller.close()
    })
  }

  #finish(): void {
    this.#over = true
    this.#first?.destroy()
    this.#last?.destroy()
  }
}
