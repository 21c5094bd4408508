import type { DeployFeed } from './deployer.ts'

/** Lines wait this long for company before they are written. Milliseconds. */
const BATCH_MS = 200
const MAX_LINES = 2000
const MAX_LINE = 2000

/** The log of one build: each line is told to listeners at once and kept in batches, up to a bound. */
export class BuildLog {
  readonly #callbackId: number
  readonly #feed: DeployFeed
  readonly #append: (lines: readonly string[]) => Promise<void>
  #batch: string[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  #writing: Promise<void> = Promise.resolve()
  #count = 0

  /** @param append keeps lines; its failures are its own business and must not reject */
  constructor(callbackId: number, feed: DeployFeed, append: (lines: readonly string[]) => Promise<void>) {
    this.#callbackId = callbackId
    this.#feed = feed
    this.#append = append
  }

  /** Usable unbound: steps and drivers are handed it as a function. */
  readonly line = (text: string): void => {
    this.#count++
    if (this.#count > MAX_LINES) return
    const whole = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text
    const message = this.#count === MAX_LINES ? `The build log ends here: ${MAX_LINES} lines are kept` : whole
    this.#feed.publish({ type: 'log', callback_id: this.#callbackId, message })
    this.#batch.push(message)
    this.#timer ??= setTimeout(() => this.#write(), BATCH_MS)
  }

  /** Resolves when every line so far is kept. */
  flush(): Promise<void> {
    this.#write()
    return this.#writing
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const lines = this.#batch
    if (lines.length === 0) return
    this.#batch = []
    this.#writing = this.#writing.then(() => this.#append(lines))
  }
}
