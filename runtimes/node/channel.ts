import { writeSync, writevSync } from 'node:fs'
import { Socket } from 'node:net'
import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import type { Message } from '../../src/runtime/wire.ts'

const INPUT = 3
const OUTPUT = 4
/** So much is gathered at the most before it is written. */
const FLUSH_AT = 262_144
/** How long the end of the process waits for a gateway that does not read. Milliseconds. */
const LAST_WORDS = 2000

/** What the socket's own handle knows; see https://docs.libuv.org/en/v1.x/stream.html#c.uv_stream_get_write_queue_size. */
interface Handle {
  readonly writeQueueSize?: number
}

/** The wire on its two descriptors. Frames of one turn leave together, at once where the pipe has room. */
export class Channel {
  readonly #input: Socket
  readonly #output: Socket
  readonly #writer = new FrameWriter()
  readonly #gone: () => void
  /** What the pipe had no room for: it is with the socket until that has written it. */
  #waiting: Uint8Array | null = null
  #scheduled = false
  #last = false

  /** @param gone the gateway has gone away: its end of the wire is closed */
  constructor(receive: (message: Message) => void, gone: () => void) {
    this.#gone = gone
    this.#input = new Socket({ fd: INPUT, readable: true, writable: false })
    this.#output = new Socket({ fd: OUTPUT, readable: false, writable: true })
    const reader = new FrameReader(receive)
    this.#input.on('data', (chunk) => {
      try {
        reader.push(chunk as Uint8Array)
      } catch {
        // Not the protocol: no gateway that could be answered is there.
        gone()
      }
    })
    this.#input.on('end', gone).on('error', gone)
    this.#output.on('error', gone)
  }

  send(type: number, id: number, head: string, data: Uint8Array | string | null): void {
    this.#writer.write({ type, instance: 0, id, head, data })
    if (this.#last) this.#writeLast()
    else if (this.#writer.pending >= FLUSH_AT) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(this.flush)
    }
  }

  /** Writes what was sent so far, as far as the pipe takes it. */
  readonly flush = (): void => {
    this.#scheduled = false
    if (this.#waiting !== null || this.#writer.pending === 0) return
    const parts = this.#writer.takeParts()
    const rest = leftOf(parts, this.#write(parts))
    if (rest === null) return
    this.#waiting = rest
    this.#output.write(rest, () => {
      this.#waiting = null
      this.flush()
    })
  }

  /** The process ends: from now on what is sent is written before `send` returns. */
  finish(): void {
    this.#last = true
    this.#writeLast()
  }

  #write(parts: readonly Uint8Array[]): number {
    try {
      return parts.length === 1 ? writeSync(OUTPUT, parts[0]!) : writevSync(OUTPUT, parts)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#gone()
      return 0
    }
  }

  #writeLast(): void {
    const parts = this.#writer.takeParts()
    if (this.#waiting !== null) {
      const { writeQueueSize = 0 } = (this.#output as unknown as { _handle: Handle | null })._handle ?? {}
      parts.unshift(this.#waiting.subarray(this.#waiting.length - writeQueueSize))
      this.#waiting = null
    }
    const pause = new Int32Array(new SharedArrayBuffer(4))
    const until = Date.now() + LAST_WORDS
    let rest = leftOf(parts, 0)
    while (rest !== null && Date.now() < until) {
      const written = this.#write([rest])
      if (written === 0) Atomics.wait(pause, 0, 0, 2)
      rest = leftOf([rest], written)
    }
  }
}

/** All but the first `written` bytes, or null where nothing is left. */
function leftOf(parts: readonly Uint8Array[], written: number): Uint8Array | null {
  let skip = written
  const left: Uint8Array[] = []
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length
    else {
      left.push(part.subarray(skip))
      skip = 0
    }
  }
  return left.length === 0 ? null : left.length === 1 ? left[0]! : Buffer.concat(left)
}
