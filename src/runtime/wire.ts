/**
 * The protocol between the gateway and a guest, and its binary form.
 *
 * A `Message` is what both sides think in; on a socket or a pipe it is a frame.
 * Frame, little endian: u32 length of all that follows · u8 type · u32 instance · u32 id · u32 head length ·
 * head (UTF-8, JSON or empty) · data (bytes).
 *
 * An exchange is one request with its answer, each with a body that may stream. Either side opens one with
 * CALL: the gateway to invoke a function (even ids), the guest to fetch (odd ids). The body is inline in
 * CALL or ANSWER when it is whole (flag `whole` in the head), else DATA frames and END follow. The sender
 * of a body may have at most `WINDOW` bytes unacknowledged; the reader returns what it consumed as CREDIT.
 */
export const TYPE = {
  /** host → gateway, once: ready. Head: `Hello`. */
  HELLO: 1,
  /** gateway → host: make an instance. Head: `StartHead`, data: the code. */
  START: 2,
  /** Head: `StartedHead`. */
  STARTED: 3,
  /** The module could not be loaded. Head: `FailHead`. */
  START_FAILED: 4,
  /** gateway → host: end the instance. Head: the reason. */
  STOP: 5,
  /** The instance is really gone. Head: `ExitHead`. */
  EXITED: 6,
  /** Head: `LogHead[]`. */
  LOG: 7,
  /** Figures of an instance. Head: `UsageHead`. */
  USAGE: 8,
  /** gateway → host, first: the prelude. Head: `PreludeHead`, data: its code, then the snapshot of it. */
  PRELUDE: 9,
  /** snapshot maker → gateway: data is the snapshot. */
  SNAPSHOT: 10,
  /** host → gateway: START was read. Without it the host's thread is busy. */
  ACCEPTED: 11,
  /** Opens an exchange. Head: `CallHead`. */
  CALL: 16,
  /** Head: `AnswerHead`. */
  ANSWER: 17,
  /** The exchange failed by the function's doing. Head: `FailHead`. */
  FAIL: 18,
  DATA: 19,
  END: 20,
  /** Head: number of bytes consumed, in decimal. */
  CREDIT: 21,
  /**
   * Head: the reason. From the one who called: it gives up. From the one who answers: before ANSWER it wants no
   * more of the request's body, after ANSWER the answer's body broke.
   */
  RESET: 22,
  /** guest → gateway: everything of this call has ended, `waitUntil` included. Head empty. */
  DONE: 23,
  /** A message of a WebSocket: an exchange that was opened with `upgrade`. Head: `text` or `binary`. */
  MESSAGE: 24,
  /**
   * The end of a WebSocket. Head: `CloseHead`. From the guest: it wishes to close. From the gateway: it is
   * closed, nothing follows.
   */
  CLOSE: 25,
} as const
export type MessageType = (typeof TYPE)[keyof typeof TYPE]

/** Bytes of one body that may be under way unacknowledged. */
export const WINDOW = 262_144
/** The largest piece of a body in one DATA message. */
export const CHUNK = 65_536
/** The largest frame either side accepts: code travels in one. */
export const MAX_FRAME = 67_108_864

const HEADER = 17

export interface Message {
  readonly type: number
  readonly instance: number
  readonly id: number
  /** JSON, or a short plain text, or empty. */
  readonly head: string
  /** A string stands for its UTF-8 bytes; a decoded message always has bytes. */
  readonly data: Uint8Array | string | null
}

export interface CallHead {
  method: string
  /** Absolute. */
  url: string
  headers: [string, string][]
  /** The body is inline (or there is none), no DATA follows. */
  whole: boolean
  requestId: string
  path: string
  params: Readonly<Record<string, string>>
  ip: string
  /** Epoch milliseconds. */
  deadline: number
  /**
   * The guest opens a WebSocket: `url` is `ws:` or `wss:`, the protocols it offers are in the header
   * `sec-websocket-protocol`. ANSWER (status 101, `whole: false`, its headers name what was chosen) or FAIL; then MESSAGE
   * both ways, each side crediting the bytes that it consumed, and CLOSE.
   */
  upgrade?: 'websocket'
}

export interface CloseHead {
  /** Null: no status was given. */
  code: number | null
  reason: string
  /** The closing handshake was completed. */
  clean: boolean
}

export interface AnswerHead {
  status: number
  headers: [string, string][]
  whole: boolean
  /** Work given to `waitUntil` goes on; DONE follows. */
  pending?: boolean
}

/** Head of the ANSWER to a guest's `fetch`. */
export interface FetchedHead extends AnswerHead {
  statusText: string
}

export interface FailHead {
  kind: 'threw' | 'unsendable' | 'no_handler'
  name: string
  message: string
  stack: string
  /** Work given to `waitUntil` goes on; DONE follows. */
  pending?: boolean
}

export interface Meta {
  callbackId: number
  version: number
  runtime: string
  memoryMb: number
  timeoutMs: number
  env: Record<string, string>
}

export interface StartHead {
  meta: Meta
  memoryMb: number
  cpuMs: number | null
  /** Lines a second. */
  logLines: number
}

export interface PreludeHead {
  /** Bytes of code at the front of data; what follows is the snapshot, if any. */
  code: number
  /** Blank isolates to keep ready. */
  blanks: number
}

/** The host process is up. */
export interface Hello {
  pid: number
  node: string
  /** Isolates come from the snapshot; false: compiled, because the snapshot failed its self-test or is absent. */
  snapshot: boolean
}

export interface StartedHead {
  initMs: number
}

export interface ExitHead {
  /** `memory`, `cpu`, `crash`, or what STOP said. */
  reason: string
  detail: string
  limit: number | null
  used: number | null
  cpuMs: number | null
  peakMb: number | null
}

export interface UsageHead {
  cpuMs: number
  memoryMb: number
  peakMb: number
}

export interface LogHead {
  /** Request id, or null. */
  r: string | null
  /** Level. */
  l: 'debug' | 'info' | 'warn' | 'error'
  /** Epoch milliseconds. */
  t: number
  /** Message. */
  m: string
}

export class WireError extends Error {
  override readonly name = 'WireError'
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Gathers frames into one buffer, so that a burst of messages is one write. */
export class FrameWriter {
  #buffer: Uint8Array
  #view: DataView
  #used = 0
  readonly #size: number

  /** @param size bytes to allocate ahead; a larger frame makes the buffer grow once. */
  constructor(size = 65_536) {
    this.#size = size
    this.#buffer = new Uint8Array(size)
    this.#view = new DataView(this.#buffer.buffer)
  }

  get pending(): number {
    return this.#used
  }

  write(message: Message): void {
    const { data } = message
    const dataMax = data === null ? 0 : typeof data === 'string' ? data.length * 3 : data.length
    this.#reserve(HEADER + message.head.length * 3 + dataMax)
    const start = this.#used
    const view = this.#view
    let at = start + HEADER
    const headLength = this.#text(message.head, at)
    at += headLength
    if (typeof data === 'string') at += this.#text(data, at)
    else if (data !== null) {
      this.#buffer.set(data, at)
      at += data.length
    }
    if (at - start > MAX_FRAME)
      throw new WireError(`Cannot send a frame of ${at - start} bytes: at most ${MAX_FRAME} are allowed`)
    view.setUint32(start, at - start - 4, true)
    view.setUint8(start + 4, message.type)
    view.setUint32(start + 5, message.instance, true)
    view.setUint32(start + 9, message.id, true)
    view.setUint32(start + 13, headLength, true)
    this.#used = at
  }

  /** The bytes gathered so far; the writer starts afresh. */
  take(): Uint8Array {
    // A copy of what is used: the buffer itself stays, a fresh one each time would have to be zeroed.
    const taken = this.#buffer.slice(0, this.#used)
    this.#used = 0
    if (this.#buffer.length > this.#size) {
      this.#buffer = new Uint8Array(this.#size)
      this.#view = new DataView(this.#buffer.buffer)
    }
    return taken
  }

  #text(text: string, at: number): number {
    // Short ASCII, nearly every head: a loop beats the call into the encoder.
    if (text.length < 48) {
      const buffer = this.#buffer
      let index = 0
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index)
        if (code > 127) break
        buffer[at + index] = code
      }
      if (index === text.length) return index
    }
    return encoder.encodeInto(text, this.#buffer.subarray(at)).written
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return
    let size = this.#buffer.length
    while (size < this.#used + bytes) size *= 2
    const grown = new Uint8Array(size)
    grown.set(this.#buffer.subarray(0, this.#used))
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** Cuts a stream of bytes into messages. Feed it chunks as they come; it never copies a frame that is whole. */
export class FrameReader {
  /** Pieces of a frame that is not whole yet: put together once, when it is. */
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** Bytes that must be there before it is worth looking again. */
  #needed = 0
  readonly #onMessage: (message: Message) => void

  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage
  }

  /** @throws WireError when the bytes cannot be frames; the connection is then of no more use. */
  push(chunk: Uint8Array): void {
    const bytes = this.#together(chunk)
    if (bytes === null) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    while (bytes.length - at >= 4) {
      const length = view.getUint32(at, true)
      if (length < HEADER - 4 || length > MAX_FRAME)
        throw new WireError(`Frame of ${length} bytes: must be ${HEADER - 4} to ${MAX_FRAME}`)
      if (bytes.length - at < 4 + length) {
        this.#needed = 4 + length
        break
      }
      const headLength = view.getUint32(at + 13, true)
      if (headLength > length - (HEADER - 4))
        throw new WireError(`Head of ${headLength} bytes in a frame of ${length}`)
      const headEnd = at + HEADER + headLength
      const end = at + 4 + length
      this.#onMessage({
        type: bytes[at + 4]!,
        instance: view.getUint32(at + 5, true),
        id: view.getUint32(at + 9, true),
        head: headLength === 0 ? '' : decoder.decode(bytes.subarray(at + HEADER, headEnd)),
        data: headEnd === end ? null : bytes.subarray(headEnd, end),
      })
      at = end
    }
    if (at < bytes.length) this.#hold(at === 0 ? bytes : new Uint8Array(bytes.subarray(at)))
  }

  /** What is held with the new chunk behind it, or null while that cannot be a whole frame. */
  #together(chunk: Uint8Array): Uint8Array | null {
    if (this.#heldBytes === 0) return chunk
    this.#hold(chunk)
    if (this.#heldBytes < this.#needed) return null
    const bytes = new Uint8Array(this.#heldBytes)
    let at = 0
    for (const piece of this.#held) {
      bytes.set(piece, at)
      at += piece.length
    }
    this.#held = []
    this.#heldBytes = 0
    this.#needed = 0
    return bytes
  }

  #hold(piece: Uint8Array): void {
    this.#held.push(piece)
    this.#heldBytes += piece.length
  }
}
