import { concat } from './bytes.ts'

/** What the reader of a body tells its sender. */
export interface BodySource {
  /** So many bytes were consumed. */
  credit(bytes: number): void
  /** Nothing more of the body is wanted. */
  cancel(reason: unknown): void
}

const { ReadableStream } = globalThis
const NONE = new Uint8Array(0)

interface Waiter {
  resolve(piece: Uint8Array | null): void
  reject(error: unknown): void
}

/**
 * A body on its way in. It holds what has arrived until the author's code asks for it, and only what was
 * asked for is credited to the sender, so at most one window waits here.
 */
export class IncomingBody {
  /** All of it, where it came inline; null while it streams. */
  readonly whole: Uint8Array | null
  readonly #source: BodySource | null
  readonly #pieces: Uint8Array[] = []
  #next = 0
  #waiter: Waiter | null = null
  #ended = false
  #failure: { error: unknown } | null = null
  /** That of the stream which was made of this body. */
  #controller: ReadableByteStreamController | null = null

  /** @param source null when `whole` is all there is */
  constructor(whole: Uint8Array | null, source: BodySource | null) {
    this.whole = source === null ? (whole ?? NONE) : null
    this.#source = source
    this.#ended = source === null
  }

  /** Nothing was sent and nothing will be. */
  get empty(): boolean {
    return this.whole !== null && this.whole.length === 0
  }

  /** More may come. */
  get open(): boolean {
    return !this.#ended && this.#failure === null
  }

  push(piece: Uint8Array): void {
    if (this.#ended || this.#failure !== null || piece.length === 0) return
    const waiter = this.#waiter
    if (waiter === null) this.#pieces.push(piece)
    else {
      this.#waiter = null
      this.#source?.credit(piece.length)
      waiter.resolve(piece)
    }
  }

  end(): void {
    this.#ended = true
    this.#waiter?.resolve(null)
    this.#waiter = null
  }

  /** The rest will never come. A body that has fully arrived stays readable. */
  fail(error: unknown): void {
    if (this.#ended || this.#failure !== null) return
    this.#failure = { error }
    this.#pieces.length = 0
    this.#waiter?.reject(error)
    this.#waiter = null
    this.#controller?.error(error)
  }

  /** The next piece, null at the end. One reader at a time. */
  read(): Promise<Uint8Array | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error)
    if (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next]!
      this.#pieces[this.#next++] = NONE
      if (this.#next === this.#pieces.length) {
        this.#pieces.length = 0
        this.#next = 0
      }
      this.#source?.credit(piece.length)
      return Promise.resolve(piece)
    }
    if (this.#ended) return Promise.resolve(null)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** All bytes that were not read yet. */
  async collect(): Promise<Uint8Array> {
    if (this.whole !== null) return this.whole
    const pieces: Uint8Array[] = []
    let total = 0
    for (let piece = await this.read(); piece !== null; piece = await this.read()) {
      pieces.push(piece)
      total += piece.length
    }
    return concat(pieces, total)
  }

  /** The body as a byte stream that takes from here only what its reader asks for. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { whole } = this
    if (whole !== null)
      return new ReadableStream({
        type: 'bytes',
        start(controller) {
          // A stream takes over the buffer it is given, and this one may be read again.
          if (whole.length > 0) controller.enqueue(whole.slice())
          controller.close()
        },
      })
    return new ReadableStream({
      type: 'bytes',
      start: (controller) => {
        this.#controller = controller
        if (this.#failure !== null) controller.error(this.#failure.error)
      },
      pull: async (controller) => {
        const piece = await this.read()
        if (piece === null) {
          controller.close()
          controller.byobRequest?.respond(0)
        } else controller.enqueue(piece as Uint8Array<ArrayBuffer>)
      },
      cancel: (reason) => this.discard(reason),
    })
  }

  /** Nobody reads the rest. */
  discard(reason: unknown): void {
    this.#pieces.length = 0
    this.#waiter = null
    if (this.open) this.#source?.cancel(reason)
    this.#ended = true
  }
}
