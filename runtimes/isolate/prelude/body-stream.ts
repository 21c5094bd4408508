import { concat } from '../../javascript/bytes.ts'
import type { AbortSignal } from './abort.ts'
import { isDisturbed, ReadableStream } from './streams.ts'

type Bytes = Uint8Array<ArrayBuffer>

const apply = Reflect.apply
const then = Promise.prototype.then
const { getReader } = ReadableStream.prototype
const { read, cancel } = globalThis.ReadableStreamDefaultReader.prototype

/** The library's own step of reading, which makes no promise and no result object that scripts could meddle with. */
const PULL_STEPS = Object.getOwnPropertySymbols(globalThis.ReadableStreamDefaultController.prototype).find(
  ({ description }) => description === '[[PullSteps]]',
)!

/** The inside of a stream of the library. */
interface Inside {
  _state: 'readable' | 'closed' | 'errored'
  _storedError: unknown
  _disturbed: boolean
  _readableStreamController: Record<symbol, (request: ReadRequest) => void> & object
}

/** https://streams.spec.whatwg.org/#read-request */
interface ReadRequest {
  _chunkSteps(chunk: unknown): void
  _closeSteps(): void
  _errorSteps(error: unknown): void
}

/** https://fetch.spec.whatwg.org/#body-fully-read. The stream stays locked. */
export function readToEnd(
  stream: ReadableStream,
  done: (bytes: Bytes) => void,
  failed: (error: unknown) => void,
): void {
  const reader = apply(getReader, stream, []) as ReadableStreamDefaultReader
  const inside = stream as unknown as Inside
  const pieces: Bytes[] = []
  let total = 0
  let inStep = false
  let again = false

  const request: ReadRequest = {
    _chunkSteps(chunk) {
      if (!(chunk instanceof Uint8Array)) {
        const error = new TypeError('A piece of a body must be a Uint8Array')
        quiet(apply(cancel, reader, [error]))
        failed(error)
        return
      }
      pieces.push(chunk as Bytes)
      total += chunk.length
      if (inStep) again = true
      else loop()
    },
    _closeSteps: () => done(concat(pieces, total)),
    _errorSteps: failed,
  }

  function loop(): void {
    do {
      again = false
      inStep = true
      step(inside, request)
      inStep = false
    } while (again)
  }
  loop()
}

function step(stream: Inside, request: ReadRequest): void {
  stream._disturbed = true
  if (stream._state === 'closed') request._closeSteps()
  else if (stream._state === 'errored') request._errorSteps(stream._storedError)
  else stream._readableStreamController[PULL_STEPS]!(request)
}

/** A stream that fails when the signal is aborted, even with all its bytes here. */
export function abortable(stream: ReadableStream<Bytes>, signal: AbortSignal): ReadableStream<Bytes> {
  const reader = apply(getReader, stream, []) as ReadableStreamDefaultReader<Bytes>
  let onAbort: () => void
  const release = () => signal.removeEventListener('abort', onAbort)
  return new ReadableStream<Bytes>({
    type: 'bytes',
    start(controller) {
      onAbort = () => {
        controller.error(signal.reason)
        quiet(apply(cancel, reader, [signal.reason]))
      }
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    },
    async pull(controller) {
      try {
        const { done, value } = await (apply(read, reader, []) as Promise<ReadableStreamReadResult<Bytes>>)
        if (!done) {
          controller.enqueue(value)
          return
        }
        release()
        controller.close()
        ;(controller as ReadableByteStreamController).byobRequest?.respond(0)
      } catch (error) {
        release()
        if (!signal.aborted) throw error
      }
    },
    cancel(reason) {
      release()
      return apply(cancel, reader, [reason]) as Promise<void>
    },
  })
}

/** Whether anything was ever read from the stream, or someone holds a reader of it. */
export function isTaken(stream: ReadableStream): boolean {
  return isDisturbed(stream) || stream.locked
}

/** Its failure is told elsewhere. */
function quiet(promise: unknown): void {
  apply(then, promise, [undefined, () => undefined])
}
