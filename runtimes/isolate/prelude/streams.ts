import * as streams from 'web-streams-polyfill'
import { exposeShaped } from './define.ts'

const {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} = streams
export const { ReadableStream, TransformStream } = streams as unknown as typeof globalThis

exposeShaped({
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
})

// The library's iterators stand alone; those of the standard inherit what all asynchronous iterators have.
const iterators: object = Object.getPrototypeOf(new ReadableStream().values())
delete (iterators as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator]
Object.setPrototypeOf(
  iterators,
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype),
)

/** Whether anything was ever read from the stream, or it was canceled: the standard's word, kept by the library. */
export function isDisturbed(stream: ReadableStream): boolean {
  return (stream as unknown as { _disturbed: boolean })._disturbed
}

/** A byte stream of one piece, or of none. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice())
      controller.close()
    },
  })
}
