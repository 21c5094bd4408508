/** How the end of a body is found (RFC 9112 section 6.3). */
type Framing = 'none' | 'length' | 'chunked' | 'close'

/** One answer of a server, without its body. */
export interface ResponseHead {
  readonly status: number
  /** Status line and header lines, as they came. */
  readonly text: string
  /** The server closes the connection after this answer. */
  readonly closes: boolean
}

/** Who reads the answers. */
export interface ResponseEvents {
  /** A piece of the body, without its framing; its memory is used again afterwards. */
  body?(piece: Buffer): void
  /** The answer is whole. */
  answered(head: ResponseHead): void
}

/** The server sent what is not HTTP/1.1: nothing more can be read from the connection. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const MAX_HEAD = 65_536
const MAX_LINE = 1024
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/
const LENGTH = /\r\ncontent-length:[ \t]*(\d+)[ \t]*(?:\r|$)/i
const CHUNKED = /\r\ntransfer-encoding:[^\r]*\bchunked[ \t]*(?:\r|$)/i
const CLOSE = /\r\nconnection:[^\r]*\bclose\b/i
const CHUNK_SIZE = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/**
 * Finds the answers in the bytes of one connection, however they are cut. It keeps no body.
 * Feed it bytes with `push`, and tell it with `end` that no more come.
 */
export class ResponseReader {
  readonly #events: ResponseEvents
  #rest: Buffer | null = null
  #head: ResponseHead | null = null
  #framing: Framing = 'none'
  /** Bytes still to come of a body with a length, or of the chunk. */
  #left = 0
  #chunkPart: 'size' | 'data' | 'data end' | 'trailer' = 'size'

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** True between answers. */
  get idle(): boolean {
    return this.#head === null && this.#rest === null
  }

  /** The bytes are read at once: the caller may use their memory again. @throws ProtocolError */
  push(bytes: Buffer): void {
    let chunk = bytes
    if (this.#rest !== null) {
      chunk = Buffer.concat([this.#rest, bytes])
      this.#rest = null
    }
    let at = 0
    while (at < chunk.length) {
      const next = this.#head === null ? this.#readHead(chunk, at) : this.#readBody(chunk, at)
      if (next === at) break
      at = next
    }
    if (at < chunk.length) this.#rest = Buffer.from(chunk.subarray(at))
  }

  /** The server closed the connection. @throws ProtocolError in the middle of an answer */
  end(): void {
    if (this.#head !== null && this.#framing === 'close') this.#finish()
    else if (!this.idle) throw new ProtocolError('the connection was closed in the middle of an answer')
  }

  #readHead(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(HEAD_END, at)
    if (end === -1) {
      if (chunk.length - at > MAX_HEAD) throw new ProtocolError(`no end of a head within ${MAX_HEAD} bytes`)
      return at
    }
    const text = chunk.toString('latin1', at, end)
    const status = Number(STATUS_LINE.exec(text)?.[1])
    if (Number.isNaN(status))
      throw new ProtocolError(`no status line of HTTP/1.1: ${JSON.stringify(text.slice(0, 40))}`)
    const after = end + HEAD_END.length
    // An interim answer: the real one follows.
    if (status < 200) return after
    this.#begin(status, text)
    if (this.#framing === 'none' || (this.#framing === 'length' && this.#left === 0)) this.#finish()
    return after
  }

  #begin(status: number, text: string): void {
    this.#left = 0
    this.#chunkPart = 'size'
    const length = LENGTH.exec(text)?.[1]
    if (status === 204 || status === 304) this.#framing = 'none'
    else if (length === undefined) this.#framing = CHUNKED.test(text) ? 'chunked' : 'close'
    else {
      this.#framing = 'length'
      this.#left = Number(length)
    }
    this.#head = { status, text, closes: this.#framing === 'close' || CLOSE.test(text) }
  }

  #readBody(chunk: Buffer, at: number): number {
    if (this.#framing === 'chunked') return this.#readChunked(chunk, at)
    const taken = this.#framing === 'close' ? chunk.length - at : Math.min(this.#left, chunk.length - at)
    this.#take(chunk, at, taken)
    if (this.#framing === 'length' && this.#left === 0) this.#finish()
    return at + taken
  }

  #readChunked(chunk: Buffer, at: number): number {
    if (this.#chunkPart === 'data') {
      const taken = Math.min(this.#left, chunk.length - at)
      this.#take(chunk, at, taken)
      if (this.#left === 0) this.#chunkPart = 'data end'
      return at + taken
    }
    const end = chunk.indexOf(LINE_END, at)
    if (end === -1) {
      if (chunk.length - at > MAX_LINE)
        throw new ProtocolError(`no end of a line within ${MAX_LINE} bytes of a chunked body`)
      return at
    }
    this.#readLine(chunk.toString('latin1', at, end))
    return end + LINE_END.length
  }

  #readLine(line: string): void {
    if (this.#chunkPart === 'trailer') {
      if (line === '') this.#finish()
      return
    }
    if (this.#chunkPart === 'data end') {
      if (line !== '') throw new ProtocolError('a chunk is longer than its size')
      this.#chunkPart = 'size'
      return
    }
    const size = CHUNK_SIZE.exec(line)?.[1]
    if (size === undefined) throw new ProtocolError(`no size of a chunk: ${JSON.stringify(line)}`)
    this.#left = Number.parseInt(size, 16)
    this.#chunkPart = this.#left === 0 ? 'trailer' : 'data'
  }

  #take(chunk: Buffer, at: number, taken: number): void {
    this.#left -= taken
    this.#events.body?.(chunk.subarray(at, at + taken))
  }

  #finish(): void {
    const head = this.#head!
    this.#head = null
    this.#events.answered(head)
  }
}
