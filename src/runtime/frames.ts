import { MAX_FRAME, type Message, WireError } from './wire.ts'

// The binary form of the wire, see there.

const HEADER = 17
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Data from this size on is sent from where it lies, the rest is gathered: a copy costs less than a write of its own. */
const LARGE = 16_384

/** Gathers frames, so that a burst of messages is one write. Data of some size must not change until it is written. */
export class FrameWriter {
  #buffer: Uint8Array
  #view: DataView
  #used = 0
  #parts: Uint8Array[] = []
  #partBytes = 0
  readonly #size: number

  /** @param size bytes to allocate ahead; a larger frame makes the buffer grow once. */
  constructor(size = 65_536) {
    this.#size = size
    this.#buffer = new Uint8Array(size)
    this.#view = new DataView(this.#buffer.buffer)
  }

  get pending(): number {
    return this.#partBytes + this.#used
  }

  write(message: Message): void {
    const given = message.data
    const data = typeof given === 'string' && given.length >= LARGE ? encoder.encode(given) : given
    const large = data instanceof Uint8Array && data.length >= LARGE ? data : null
    const dataMax =
      data === null || large !== null ? 0 : typeof data === 'string' ? data.length * 3 : data.length
    this.#reserve(HEADER + message.head.length * 3 + dataMax)
    const start = this.#used
    const view = this.#view
    let at = start + HEADER
    const headLength = this.#text(message.head, at)
    at += headLength
    if (typeof data === 'string') at += this.#text(data, at)
    else if (data !== null && large === null) {
      this.#buffer.set(data, at)
      at += data.length
    }
    const length = at - start + (large?.length ?? 0)
    if (length > MAX_FRAME)
      throw new WireError(`Cannot send a frame of ${length} bytes: at most ${MAX_FRAME} are allowed`)
    view.setUint32(start, length - 4, true)
    view.setUint8(start + 4, message.type)
    view.setUint32(start + 5, message.instance, true)
    view.setUint32(start + 9, message.id, true)
    view.setUint32(start + 13, headLength, true)
    this.#used = at
    if (large !== null) {
      this.#cut()
      this.#add(large)
    }
  }

  /** What was gathered so far, to be written in this order; the writer starts afresh. */
  takeParts(): Uint8Array[] {
    this.#cut()
    const parts = this.#parts
    this.#parts = []
    this.#partBytes = 0
    return parts
  }

  /** The same as one array. */
  take(): Uint8Array {
    const bytes = this.pending
    const parts = this.takeParts()
    return parts.length === 1 ? parts[0]! : joined(parts, bytes)
  }

  /** Ends the part that is gathered in the buffer. */
  #cut(): void {
    if (this.#used === 0) return
    // A copy of what is used: the buffer itself stays, a fresh one each time would have to be zeroed.
    this.#add(this.#buffer.slice(0, this.#used))
    this.#used = 0
    if (this.#buffer.length > this.#size) {
      this.#buffer = new Uint8Array(this.#size)
      this.#view = new DataView(this.#buffer.buffer)
    }
  }

  #add(part: Uint8Array): void {
    this.#parts.push(part)
    this.#partBytes += part.length
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

/** Cuts a stream of bytes into messages. Feed it chunks as they come; it copies only frames that come in several. */
export class FrameReader {
  /** Pieces of a frame that is not whole yet: put together once, when it is. */
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** Bytes that must be there before it is worth looking again. */
  #needed = HEADER
  /** A large frame of which all but the end of its data is here: that goes straight to where it belongs. */
  #open: { readonly message: Message; readonly data: Uint8Array; filled: number } | null = null
  readonly #onMessage: (message: Message) => void

  constructor(onMessage: (message: Message) => void) {
    this.#onMessage = onMessage
  }

  /** @throws WireError when the bytes cannot be frames; the connection is then of no more use. */
  push(chunk: Uint8Array): void {
    const bytes = this.#together(this.#open === null ? chunk : this.#fill(chunk))
    if (bytes === null) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    this.#needed = HEADER
    while (bytes.length - at >= HEADER) {
      const length = view.getUint32(at, true)
      if (length < HEADER - 4 || length > MAX_FRAME)
        throw new WireError(`Frame of ${length} bytes: must be ${HEADER - 4} to ${MAX_FRAME}`)
      const headLength = view.getUint32(at + 13, true)
      if (headLength > length - (HEADER - 4))
        throw new WireError(`Head of ${headLength} bytes in a frame of ${length}`)
      const headEnd = at + HEADER + headLength
      const end = at + 4 + length
      const large = end - headEnd >= LARGE
      this.#needed = (large ? headEnd : end) - at
      if (bytes.length - at < this.#needed) break
      const message = {
        type: bytes[at + 4]!,
        instance: view.getUint32(at + 5, true),
        id: view.getUint32(at + 9, true),
        head: headLength === 0 ? '' : decoder.decode(bytes.subarray(at + HEADER, headEnd)),
      }
      if (end > bytes.length) {
        const data = new Uint8Array(end - headEnd)
        data.set(bytes.subarray(headEnd))
        this.#open = { message: { ...message, data }, data, filled: bytes.length - headEnd }
        return
      }
      this.#onMessage({ ...message, data: headEnd === end ? null : bytes.subarray(headEnd, end) })
      at = end
      this.#needed = HEADER
    }
    if (at < bytes.length) this.#hold(at === 0 ? bytes : new Uint8Array(bytes.subarray(at)))
  }

  /** Takes what belongs to the open frame. @returns what is behind it */
  #fill(chunk: Uint8Array): Uint8Array {
    const open = this.#open!
    const taken = chunk.subarray(0, open.data.length - open.filled)
    open.data.set(taken, open.filled)
    open.filled += taken.length
    if (open.filled === open.data.length) {
      this.#open = null
      this.#onMessage(open.message)
    }
    return chunk.subarray(taken.length)
  }

  /** What is held with the new chunk behind it, or null while that cannot be a whole frame. */
  #together(chunk: Uint8Array): Uint8Array | null {
    if (this.#heldBytes === 0) return chunk.length === 0 ? null : chunk
    this.#hold(chunk)
    if (this.#heldBytes < this.#needed) return null
    const bytes = joined(this.#held, this.#heldBytes)
    this.#held = []
    this.#heldBytes = 0
    return bytes
  }

  #hold(piece: Uint8Array): void {
    this.#held.push(piece)
    this.#heldBytes += piece.length
  }
}

function joined(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
