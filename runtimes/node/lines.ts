import type { CallFollower, CallMark } from '../javascript/call-frames.ts'

/** A line that goes on for longer is printed in pieces. Bytes. */
const LONGEST = 65_536
/** How long the beginning of a line waits for its end. Milliseconds. */
const PATIENCE = 1000
const LINE_FEED = 10
const NOBODY = -1
const decoder = new TextDecoder()

interface Held {
  readonly mark: CallMark | null
  readonly pieces: Uint8Array[]
  bytes: number
}

/** Cuts what is written to a stream into lines, for each call its own: two that write at once never share a line. */
export class Lines {
  readonly #held = new Map<number, Held>()
  readonly #print: (text: string) => void
  readonly #follower: CallFollower
  #timer: NodeJS.Timeout | null = null

  constructor(print: (text: string) => void, follower: CallFollower) {
    this.#print = print
    this.#follower = follower
  }

  take(chunk: Uint8Array | string, encoding: BufferEncoding): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    const mark = this.#follower.current()
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      this.#line(this.#withHeld(mark, bytes.subarray(start, end)))
      start = end + 1
    }
    for (; bytes.length - start > LONGEST; start += LONGEST)
      this.#line(this.#withHeld(mark, bytes.subarray(start, start + LONGEST)))
    if (start < bytes.length) this.#hold(mark, bytes.slice(start))
  }

  /** The call has ended, or has printed a line in another way: its last line may lack its end. */
  end(id = NOBODY): void {
    const held = this.#held.get(id)
    if (held === undefined) return
    this.#held.delete(id)
    const text = concat(held.pieces, held.bytes)
    if (held.mark === null) this.#line(text)
    else this.#follower.within(held.mark, () => this.#line(text))
  }

  endAll(): void {
    for (const id of [...this.#held.keys()]) this.end(id)
  }

  #hold(mark: CallMark | null, piece: Uint8Array): void {
    const id = mark?.id ?? NOBODY
    const held = this.#held.get(id) ?? { mark, pieces: [], bytes: 0 }
    held.pieces.push(piece)
    held.bytes += piece.length
    this.#held.set(id, held)
    if (held.bytes > LONGEST) this.end(id)
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.endAll()
    }, PATIENCE).unref()
  }

  #withHeld(mark: CallMark | null, end: Uint8Array): Uint8Array {
    const held = this.#held.size === 0 ? undefined : this.#held.get(mark?.id ?? NOBODY)
    if (held === undefined) return end
    this.#held.delete(mark?.id ?? NOBODY)
    return concat([...held.pieces, end], held.bytes + end.length)
  }

  #line(bytes: Uint8Array): void {
    const text = decoder.decode(bytes)
    this.#print(text.endsWith('\r') ? text.slice(0, -1) : text)
  }
}

function concat(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes)
}
