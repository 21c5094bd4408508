import { StringDecoder } from 'node:string_decoder'

/** The longest line that is kept. Characters. */
const LINE_MAX = 16_384
/** Lines at a stroke, in seconds of the rate. */
const BURST = 2

/**
 * Cuts what a container prints past its guest into lines of bounded length, and keeps so many a second; what cannot be
 * UTF-8 is replaced.
 */
export class RawLines {
  readonly #decoder = new StringDecoder('utf8')
  readonly #rate: number
  readonly #print: (line: string) => void
  #open = ''
  #tokens: number
  #filledAt = performance.now()
  #dropped = 0

  /** @param rate lines a second */
  constructor(rate: number, print: (line: string) => void) {
    this.#rate = rate
    this.#tokens = rate * BURST
    this.#print = print
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#open + this.#decoder.write(Buffer.from(bytes))).split('\n')
    this.#open = lines.pop() ?? ''
    for (const line of lines) this.#put(line)
    if (this.#open.length > LINE_MAX) {
      this.#put(this.#open)
      this.#open = ''
    }
  }

  /** Nothing more comes. */
  end(): void {
    this.#put(this.#open)
    this.#open = ''
    this.#tellDropped()
  }

  #put(line: string): void {
    if (line === '') return
    if (!this.#mayPrint()) {
      this.#dropped++
      return
    }
    this.#tellDropped()
    this.#print(line.slice(0, LINE_MAX))
  }

  #mayPrint(): boolean {
    if (this.#tokens < 1) {
      const now = performance.now()
      const earned = ((now - this.#filledAt) / 1000) * this.#rate
      if (earned < this.#rate) return false
      this.#filledAt = now
      this.#tokens = Math.min(this.#rate * BURST, earned)
    }
    this.#tokens--
    return true
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return
    const dropped = this.#dropped
    this.#dropped = 0
    this.#print(
      `${dropped} lines dropped: too much was printed at once, at most ${this.#rate} lines a second are kept`,
    )
  }
}
