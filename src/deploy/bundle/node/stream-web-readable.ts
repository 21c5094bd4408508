import type { Readable as NodeReadable, ReadableOptions } from 'node:stream'
import stream from 'readable-stream/lib/stream.js'

/** @see https://nodejs.org/api/stream.html#streamreadablefromwebreadablestream-options */
export function readableFromWeb(source: ReadableStream, options: ReadableOptions = {}): NodeReadable {
  const reader = source.getReader()
  let closed = false
  const readable = new stream.Readable({
    ...options,
    read() {
      reader.read().then(
        ({ done, value }) => readable.push(done ? null : value),
        (error) => readable.destroy(error),
      )
    },
    destroy(error, done) {
      if (closed) return done(error)
      reader.cancel(error).then(
        () => done(error),
        (failure) => done(error ?? failure),
      )
    },
  })
  reader.closed.then(
    () => {
      closed = true
    },
    (error) => {
      closed = true
      readable.destroy(error)
    },
  )
  return readable
}

/** @see https://nodejs.org/api/stream.html#streamreadabletowebstreamreadable-options */
export function readableToWeb(
  readable: NodeReadable,
  options: { strategy?: QueuingStrategy } = {},
): ReadableStream {
  const { readableObjectMode: objects, readableHighWaterMark: highWaterMark } = readable
  const strategy =
    options.strategy ??
    (objects ? new CountQueuingStrategy({ highWaterMark }) : new ByteLengthQueuingStrategy({ highWaterMark }))
  let over = false
  return new ReadableStream(
    {
      start(controller) {
        readable.pause()
        readable.on('data', (chunk: unknown) => {
          if (over) return
          controller.enqueue(objects || !(chunk instanceof Uint8Array) ? chunk : new Uint8Array(chunk))
          if ((controller.desiredSize ?? 0) <= 0) readable.pause()
        })
        stream.finished(readable, { writable: false }, (error) => {
          if (over) return
          over = true
          if (error) controller.error(error)
          else controller.close()
        })
      },
      pull() {
        readable.resume()
      },
      cancel(reason) {
        over = true
        readable.destroy(reason)
      },
    },
    strategy,
  )
}
