/**
 * The protocol between the gateway and a guest. Its binary form is in frames.ts.
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
  /**
   * A message of a WebSocket: an exchange that was opened with `upgrade`. Head: `text` or `binary`. It costs its
   * bytes and `MESSAGE_COST`, which the reader returns as CREDIT; one may start while less than `WINDOW` is out.
   */
  MESSAGE: 24,
  /**
   * The end of a WebSocket. Head: `CloseHead`. From the guest: it wishes to close. From the gateway: it is
   * closed, nothing follows.
   */
  CLOSE: 25,
  /**
   * gateway → guest: what runs this call must end, and nothing else. Head: the reason. Only to guests that have a
   * process for each call. KILLED follows, or the end of the call that crossed with it.
   */
  KILL: 26,
  /** guest → gateway: what ran this call has ended under it, the instance lives. Head: `KilledHead`. Nothing of the call follows. */
  KILLED: 27,
} as const
export type MessageType = (typeof TYPE)[keyof typeof TYPE]

/** Bytes of one body that may be under way unacknowledged. */
export const WINDOW = 262_144
/** What each message of a WebSocket costs beside its bytes, so that empty ones are bounded too. */
export const MESSAGE_COST = 64
/** The largest piece of a body in one DATA message. */
export const CHUNK = 65_536
/** The largest body that goes inline in CALL or ANSWER, where all of it is there. */
export const WHOLE = 1_048_576
/** The largest frame either side accepts: code travels in one. */
export const MAX_FRAME = 67_108_864

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
  /** Calls at the same time, at the most. */
  concurrency: number
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

/**
 * Why what ran one call has ended. `limit` and `used` are ms for timeout and cpu, MiB for memory. `protocol`: it sent
 * what is not the protocol.
 */
export interface KilledHead {
  reason: 'timeout' | 'memory' | 'cpu' | 'crash' | 'protocol'
  /** A sentence for people. */
  detail: string
  limit: number | null
  used: number | null
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
