import { CHUNK, WHOLE, WINDOW } from '../../src/runtime/wire.ts'
import type { OutgoingBody } from './answer.ts'
import { concat, utf8, utf8Length } from './bytes.ts'

/** Where a body goes. `begin` comes first and once; with `whole` nothing follows it. */
export interface BodySink {
  begin(whole: boolean, data: Uint8Array | string | null): void
  data(piece: Uint8Array): void
  end(): void
  /** @param begun whether `begin` was called before */
  fail(error: unknown, begun: boolean): void
}

/** A body under way: what the reader's side may do to it. */
export interface Sending {
  credit(bytes: number): void
  cancel(reason: unknown): void
}

/**
 * A stream that is over within so many microtasks was never waiting for anything: it goes out in one
 * message with its head. A stream that does wait has its head sent at once.
 */
const PATIENCE = 24

const { ReadableStream } = globalThis

/** Sends a body: whole where that is possible, else in pieces that never outrun the reader by more than a window. */
export function sendBody(body: OutgoingBody, sink: BodySink): Sending | null {
  if (body === null) {
    sink.begin(true, null)
    return null
  }
  if (typeof body === 'string') {
    // As text it crosses to where it is encoded fastest.
    if (body.length * 3 <= WHOLE || (body.length <= WHOLE && utf8Length(body) <= WHOLE)) {
      sink.begin(true, body)
      return null
    }
    return new BytesSender(utf8(body), sink)
  }
  if (body instanceof Uint8Array) {
    if (body.length > WHOLE) return new BytesSender(body, sink)
    // A copy: a message may leave later in the turn, and a view would take its whole buffer along.
    sink.begin(true, body.length === 0 ? null : body.slice())
    return null
  }
  return new StreamSender(body, sink)
}

/** Counts what the reader has not acknowledged. */
class Sender implements Sending {
  protected readonly sink: BodySink
  protected stopped = false
  #unacknowledged = 0
  #resume: (() => void) | null = null

  constructor(sink: BodySink) {
    this.sink = sink
  }

  credit(bytes: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - bytes)
    this.#resume?.()
    this.#resume = null
  }

  cancel(_reason: unknown): void {
    this.stopped = true
    this.#resume?.()
    this.#resume = null
  }

  /** Sends what the window has room for; a promise where it has to wait for more. */
  protected write(bytes: Uint8Array, from = 0): Promise<void> | null {
    let at = from
    while (at < bytes.length && !this.stopped) {
      const room = WINDOW - this.#unacknowledged
      if (room === 0) return this.#credited().then(() => this.write(bytes, at) ?? undefined)
      const size = Math.min(CHUNK, room, bytes.length - at)
      this.#unacknowledged += size
      this.sink.data(bytes.slice(at, at + size))
      at += size
    }
    return null
  }

  #credited(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve
    })
  }
}

class BytesSender extends Sender {
  constructor(bytes: Uint8Array, sink: BodySink) {
    super(sink)
    sink.begin(false, null)
    const finish = () => {
      if (!this.stopped) sink.end()
    }
    const waiting = this.write(bytes)
    if (waiting === null) finish()
    else waiting.then(finish)
  }
}

class StreamSender extends Sender {
  readonly #reader: ReadableStreamDefaultReader<unknown>
  #held: Uint8Array[] | null = []
  #heldBytes = 0

  constructor(stream: ReadableStream<unknown>, sink: BodySink) {
    super(sink)
    this.#reader = ReadableStream.prototype.getReader.call(stream) as ReadableStreamDefaultReader<unknown>
    this.#pump()
    this.#wait()
  }

  override cancel(reason: unknown): void {
    super.cancel(reason)
    this.#reader.cancel(reason).catch(() => {})
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read()
        if (this.stopped) return
        if (done) break
        if (!(value instanceof Uint8Array))
          throw new TypeError(`A piece of a body must be a Uint8Array: it is ${describe(value)}`)
        if (this.#held !== null && this.#heldBytes + value.length <= CHUNK) {
          this.#held.push(value.slice())
          this.#heldBytes += value.length
        } else {
          this.#release()
          const waiting = this.write(value)
          if (waiting !== null) await waiting
        }
      }
    } catch (error) {
      if (this.stopped) return
      this.stopped = true
      const begun = this.#held === null
      this.#held = null
      this.#reader.cancel(error).catch(() => {})
      this.sink.fail(error, begun)
      return
    }
    const held = this.#held
    this.#held = null
    if (held === null) this.sink.end()
    else
      this.sink.begin(
        true,
        this.#heldBytes === 0 ? null : held.length === 1 ? held[0]! : concat(held, this.#heldBytes),
      )
  }

  async #wait(): Promise<void> {
    for (let hop = 0; hop < PATIENCE && this.#held !== null; hop++) await null
    if (!this.stopped) this.#release()
  }

  /** Gives up on a whole body: the head goes, and what was held with it, which is less than a window. */
  #release(): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    this.sink.begin(false, null)
    for (const piece of held) this.write(piece)
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return `a ${value.constructor?.name || 'plain object'}`
  return `of type ${typeof value}`
}
