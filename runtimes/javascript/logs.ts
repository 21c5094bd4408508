import { type LogHead, TYPE } from '../../src/runtime/wire.ts'
import { plainJson } from './json.ts'
import type { Port } from './port.ts'

export type Level = LogHead['l']

/** The longest line, in UTF-16 units. */
export const MAX_LINE = 16_384
/** The first lines of a turn leave at once: what is printed before an endless loop is what its author looks for. */
export const EARLY_LINES = 20
/** What one turn may print. */
export const MAX_LINES = 1_000
export const MAX_TEXT = 262_144
/** Lines a second where nobody says otherwise. */
const DEFAULT_RATE = 500
/** Seconds of the rate that may be printed at a stroke, and UTF-16 units that go with a line of it. */
const BURST = 2
const TEXT_PER_LINE = 512
/** How often it is told that lines were dropped, at the most. Milliseconds. */
const TELL_EVERY = 1_000

const now = Date.now
const { min } = Math
const { toWellFormed, slice } = String.prototype
const apply = Reflect.apply
const then = Promise.prototype.then
const settled = Promise.resolve()

/**
 * Printed lines. The first of a turn leave at once, the rest are gathered until it ends: a burst is one message.
 * Beyond the rate they are dropped and counted.
 */
export class Logs {
  readonly #port: Port
  #lines: LogHead[] = []
  #count = 0
  #text = 0
  #dropped = 0
  #toldAt = 0
  #scheduled = false
  #early = 0
  #rate = DEFAULT_RATE
  #lineTokens = 0
  #textTokens = 0
  #filledAt = 0

  constructor(port: Port) {
    this.#port = port
    this.setRate(DEFAULT_RATE)
  }

  /** @param rate lines a second, on average */
  setRate(rate: number): void {
    this.#rate = rate
    this.#lineTokens = this.#lineBurst()
    this.#textTokens = this.#textBurst()
    this.#filledAt = now()
  }

  write(level: Level, text: string, requestId: string | null): void {
    if (!this.#scheduled) {
      this.#scheduled = true
      // Twice: what is printed by the jobs that are already waiting still joins this batch.
      later(() => later(() => this.#endTurn()))
    }
    if (this.#count >= MAX_LINES || this.#text >= MAX_TEXT || !this.#afford()) {
      this.#dropped++
      return
    }
    const line = cut(text)
    this.#lineTokens--
    this.#textTokens -= line.length
    this.#text += line.length
    this.#push(requestId, level, now(), line)
    if (this.#early >= EARLY_LINES) return
    this.#early++
    this.flush()
    this.#port.flush?.()
  }

  /** Sends what was printed so far; called before every answer, so that a call's lines never come after it. */
  flush(): void {
    this.#tell()
    if (this.#count === 0) return
    const lines = this.#lines
    this.#lines = []
    this.#count = 0
    this.#text = 0
    this.#port.send({ type: TYPE.LOG, id: 0, head: plainJson(lines), data: null })
  }

  #endTurn(): void {
    this.#scheduled = false
    this.#early = 0
    this.flush()
  }

  /** Whether the rate has room for one more line. A clock that is set back fills nothing. */
  #afford(): boolean {
    if (this.#lineTokens >= 1 && this.#textTokens > 0) return true
    const at = now()
    const seconds = (at - this.#filledAt) / 1000
    this.#filledAt = at
    if (seconds > 0) {
      this.#lineTokens = min(this.#lineTokens + seconds * this.#rate, this.#lineBurst())
      this.#textTokens = min(this.#textTokens + seconds * this.#rate * TEXT_PER_LINE, this.#textBurst())
    }
    return this.#lineTokens >= 1 && this.#textTokens > 0
  }

  #lineBurst(): number {
    return EARLY_LINES + this.#rate * BURST
  }

  #textBurst(): number {
    return MAX_TEXT + this.#rate * BURST * TEXT_PER_LINE
  }

  #tell(): void {
    if (this.#dropped === 0) return
    const at = now()
    if (at - this.#toldAt < TELL_EVERY) return
    this.#toldAt = at
    const text = `${this.#dropped} lines dropped: too much was printed at once, at most ${this.#rate} lines a second are kept`
    this.#dropped = 0
    this.#push(null, 'warn', at, text)
  }

  /** By index: the author may have replaced what arrays inherit. */
  #push(r: string | null, l: Level, t: number, m: string): void {
    this.#lines[this.#count++] = { r, l, t, m }
  }
}

function later(job: () => void): void {
  apply(then, settled, [job])
}

function cut(text: string): string {
  if (text.length <= MAX_LINE) return text
  const start = apply(toWellFormed, apply(slice, text, [0, MAX_LINE]), [])
  return `${start}… (${text.length - MAX_LINE} more characters)`
}
