import { ReadableStream } from './streams.ts'
import { cloneValue } from './structured-clone.ts'

const PromiseClass = Promise
const apply = Reflect.apply
const then = Promise.prototype.then
const { ReadableByteStreamController, ReadableStreamDefaultReader } = globalThis
const { getReader, tee } = ReadableStream.prototype
const { read, cancel } = ReadableStreamDefaultReader.prototype

/**
 * Two streams of one, each with pieces of its own: one reader may change or transfer what it gets.
 * https://streams.spec.whatwg.org/#abstract-opdef-readablestreamtee with cloneForBranch2
 */
export function teeForClone(stream: ReadableStream): [ReadableStream, ReadableStream] {
  // The library copies the pieces of a byte stream itself.
  if (controllerOf(stream) instanceof ReadableByteStreamController)
    return apply(tee, stream, []) as [ReadableStream, ReadableStream]
  return new Tee(apply(getReader, stream, []) as ReadableStreamDefaultReader).branches
}

interface Branch {
  controller: ReadableStreamDefaultController
  canceled: boolean
  reason: unknown
}

class Tee {
  readonly branches: [ReadableStream, ReadableStream]
  readonly #reader: ReadableStreamDefaultReader
  readonly #one: Branch
  readonly #two: Branch
  readonly #canceled = PromiseClass.withResolvers<void>()
  #reading = false
  #again = false

  constructor(reader: ReadableStreamDefaultReader) {
    this.#reader = reader
    const [one, first] = this.#branch()
    const [two, second] = this.#branch()
    this.#one = one
    this.#two = two
    this.branches = [first, second]
    apply(then, reader.closed, [undefined, (error: unknown) => this.#fail(error)])
  }

  #branch(): [Branch, ReadableStream] {
    const branch: Branch = { controller: null as never, canceled: false, reason: undefined }
    const stream = new ReadableStream({
      start: (controller) => {
        branch.controller = controller
      },
      pull: () => this.#pull(),
      cancel: (reason) => {
        branch.canceled = true
        branch.reason = reason
        if (this.#one.canceled && this.#two.canceled) this.#cancel([this.#one.reason, this.#two.reason])
        return this.#canceled.promise
      },
    })
    return [branch, stream]
  }

  #pull(): void {
    if (this.#reading) {
      this.#again = true
      return
    }
    this.#reading = true
    const step = apply(read, this.#reader, []) as Promise<ReadableStreamReadResult<unknown>>
    const taken = (result: ReadableStreamReadResult<unknown>) => this.#take(result)
    // A failure comes through `closed`.
    apply(then, step, [taken, () => undefined])
  }

  #take({ done, value }: ReadableStreamReadResult<unknown>): void {
    if (done) {
      for (const { canceled, controller } of [this.#one, this.#two]) if (!canceled) controller.close()
      this.#canceled.resolve()
      return
    }
    this.#again = false
    let copy = value
    if (!this.#two.canceled) {
      try {
        copy = cloneValue(value)
      } catch (error) {
        this.#fail(error)
        this.#cancel(error)
        return
      }
    }
    if (!this.#one.canceled) this.#one.controller.enqueue(value)
    if (!this.#two.canceled) this.#two.controller.enqueue(copy)
    this.#reading = false
    if (this.#again) this.#pull()
  }

  #cancel(reason: unknown): void {
    this.#canceled.resolve(apply(cancel, this.#reader, [reason]) as Promise<void>)
  }

  #fail(error: unknown): void {
    this.#one.controller.error(error)
    this.#two.controller.error(error)
    if (!this.#one.canceled || !this.#two.canceled) this.#canceled.resolve()
  }
}

/** The library keeps it there. */
function controllerOf(stream: ReadableStream): unknown {
  return (stream as unknown as { _readableStreamController: unknown })._readableStreamController
}
