import { Socket } from 'node:net'
import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import type { Message } from '../../src/runtime/wire.ts'

/** The host's end of the wire: the socket that the gateway left on descriptor 3. */
export interface Port {
  send(message: Message): void
  /** Hands what was sent to the kernel, now: for a caller after which this thread may not come back soon. */
  flush(): void
  /** Bytes that the gateway has not taken yet. */
  readonly backlog: number
}

/** A burst of messages is one write; it goes out at the end of the turn that made them, or when it is large. */
const FLUSH_AT = 262_144

/** @param onMessage called for each message; the process ends with the socket */
export function openPort(onMessage: (message: Message) => void): Port {
  const socket = new Socket({ fd: 3, readable: true, writable: true })
  const writer = new FrameWriter()
  const reader = new FrameReader(onMessage)
  let scheduled = false
  const flush = () => {
    scheduled = false
    if (writer.pending === 0) return
    socket.cork()
    for (const part of writer.takeParts()) socket.write(part)
    socket.uncork()
  }
  socket.on('data', (chunk: Uint8Array) => reader.push(chunk))
  // Without the gateway there is nothing to live for.
  socket.on('close', () => process.exit(0))
  socket.on('error', () => process.exit(0))
  return {
    send(message) {
      writer.write(message)
      if (writer.pending >= FLUSH_AT) flush()
      else if (!scheduled) {
        scheduled = true
        setImmediate(flush)
      }
    },
    flush,
    get backlog() {
      return writer.pending + socket.writableLength
    },
  }
}
