import type { Writable as NodeWritable, WritableOptions } from 'node:stream'
import stream from 'readable-stream/lib/stream.js'

/** @see https://nodejs.org/api/stream.html#streamwritablefromwebwritablestream-options */
export function writableFromWeb(target: WritableStream, options: WritableOptions = {}): NodeWritable {
  const writer = target.getWriter()
  let closed = false
  const writable = new stream.Writable({
    ...options,
    write(chunk, _encoding, done) {
      writer.ready.then(() => writer.write(chunk)).then(() => done(), done)
    },
    final(done) {
      writer.close().then(() => done(), done)
    },
    destroy(error, done) {
      if (closed) return done(error)
      const ended = error === null ? writer.close() : writer.abort(error)
      ended.then(
        () => done(error),
        (failure) => done(error ?? failure),
      )
    },
  })
  writer.closed.then(
    () => {
      closed = true
    },
    (error) => {
      closed = true
      writable.destroy(error)
    },
  )
  return writable
}

/** @see https://nodejs.org/api/stream.html#streamwritabletowebstreamwritable */
export function writableToWeb(writable: NodeWritable): WritableStream {
  const { writableObjectMode: objects, writableHighWaterMark: highWaterMark } = writable
  const size = (chunk: { byteLength?: number; length?: number }) =>
    objects ? 1 : (chunk?.byteLength ?? chunk?.length ?? 1)
  let over = false
  return new WritableStream(
    {
      start(controller) {
        stream.finished(writable, { readable: false }, (error) => {
          if (error && !over) controller.error(error)
          over = true
        })
      },
      write: (chunk) =>
        new Promise((resolve, reject) => {
          writable.write(chunk, (error) => (error ? reject(error) : resolve()))
        }),
      close: () =>
        new Promise((resolve, reject) => {
          stream.finished(writable, { readable: false }, (error) => (error ? reject(error) : resolve()))
          writable.end()
        }),
      abort(reason) {
        over = true
        writable.destroy(reason)
      },
    },
    { highWaterMark, size },
  )
}
