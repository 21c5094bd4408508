const HEADER = 8
const STDERR = 2

/** Cuts the attached stream of a container without a terminal into its standard output and error. */
export class Demux {
  readonly #onData: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  /** A header that came in pieces. */
  #head = new Uint8Array(0)
  #stream: 'stdout' | 'stderr' = 'stdout'
  /** Bytes of the open record that have not come yet. */
  #left = 0

  constructor(onData: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void) {
    this.#onData = onData
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const piece = chunk.subarray(at, at + this.#left)
        this.#left -= piece.length
        at += piece.length
        this.#onData(this.#stream, piece)
        continue
      }
      const missing = HEADER - this.#head.length
      const piece = chunk.subarray(at, at + missing)
      at += piece.length
      const head = new Uint8Array(this.#head.length + piece.length)
      head.set(this.#head)
      head.set(piece, this.#head.length)
      if (head.length < HEADER) this.#head = head
      else {
        this.#stream = head[0] === STDERR ? 'stderr' : 'stdout'
        this.#left = new DataView(head.buffer).getUint32(4)
        this.#head = new Uint8Array(0)
      }
    }
  }
}
