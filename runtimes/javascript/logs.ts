import { type LogHead, TYPE } from '../../src/runtime/wire.ts'
import type { Port } from './port.ts'

export type Level = LogHead['l']

/** The longest line, in UTF-16 units. */
export const MAX_LINE = 16_384
/** The first lines of a turn leave at once: what is printed before an endless loop is what its author looks for. */
export const EARLY_LINES = 20
/** What one turn may print. */
export const MAX_LINES = 1_000
export const MAX_TEXT = 262_144

const now = Date.now
const stringify = JSON.stringify
const settled = Promise.resolve()

/** Printed lines. The first of a turn leave at once, the rest are gathered until it ends: a burst is one message. */
export class Logs {
  readonly #port: Port
  #lines: LogHead[] = []
  #text = 0
  #dropped = 0
  #scheduled = false
  #early = 0

  constructor(port: Port) {
    this.#port = port
  }

  write(level: Level, text: string, requestId: string | null): void {
    if (!this.#scheduled) {
      this.#scheduled = true
      // Twice: what is printed by the jobs that are already waiting still joins this batch.
      settled.then(() => settled.then(() => this.#endTurn()))
    }
    if (this.#lines.length >= MAX_LINES || this.#text >= MAX_TEXT) {
      this.#dropped++
      return
    }
    const line = cut(text)
    this.#text += line.length
    this.#lines.push({ r: requestId, l: level, t: now(), m: line })
    if (this.#early >= EARLY_LINES) return
    this.#early++
    this.flush()
    this.#port.flush?.()
  }

  /** Sends what was printed so far; called before every answer, so that a call's lines never come after it. */
  flush(): void {
    if (this.#lines.length === 0) return
    const lines = this.#lines
    if (this.#dropped > 0) {
      const { r, t } = lines[lines.length - 1]!
      lines.push({ r, l: 'warn', t, m: `${this.#dropped} lines dropped: too much was printed at once` })
    }
    this.#lines = []
    this.#text = 0
    this.#dropped = 0
    this.#port.send({ type: TYPE.LOG, id: 0, head: stringify(lines), data: null })
  }

  #endTurn(): void {
    this.#scheduled = false
    this.#early = 0
    this.flush()
  }
}

function cut(text: string): string {
  if (text.length <= MAX_LINE) return text
  return `${text.slice(0, MAX_LINE).toWellFormed()}… (${text.length - MAX_LINE} more characters)`
}
