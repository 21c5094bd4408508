import { usageReader } from './usage.ts'

const EVERY = 1000

/** Tells what the container uses: at once when asked, and each second in which there was a call. */
export class UsageReports {
  readonly #read = usageReader()
  readonly #send: (head: string) => void
  #timer: NodeJS.Timeout | null = null
  #active = false

  constructor(send: (head: string) => void) {
    this.#send = send
  }

  now(): void {
    this.#send(JSON.stringify(this.#read()))
  }

  /** A call has come. */
  active(): void {
    this.#active = true
    this.#timer ??= setInterval(() => this.#tick(), EVERY).unref()
  }

  #tick(): void {
    this.now()
    if (!this.#active && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
    this.#active = false
  }
}
