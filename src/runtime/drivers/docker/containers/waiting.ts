import type { Language } from '../../../../domain/runtime-name.ts'
import type { Container } from './container.ts'

/** After a generic container could not be started, the next attempt waits, twice as long each time. Milliseconds. */
const RETRY_MS = 1000
const RETRY_MAX_MS = 60_000

/** Generic containers of one language: their runner is loaded, and they belong to no function yet. */
export class WaitingContainers {
  readonly #size: number
  readonly #start: (language: Language) => Promise<Container>
  readonly #log: (message: string) => void
  readonly #language: Language
  #ready: Container[] = []
  /** Under way, and not promised to anyone. */
  #starting: Promise<Container>[] = []
  #wanted = false
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | null = null

  /** @param size how many wait at the most */
  constructor(
    language: Language,
    size: number,
    start: (language: Language) => Promise<Container>,
    log: (message: string) => void,
  ) {
    this.#language = language
    this.#size = size
    this.#start = start
    this.#log = log
  }

  /** From now on there are functions of this language. */
  want(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#fill()
  }

  /** There are none any more; resolves when the containers are gone. */
  async dismiss(): Promise<void> {
    this.#wanted = false
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = null
    // From here on nobody is given one of these, whatever is wanted meanwhile.
    const [ready, starting] = [this.#ready, this.#starting]
    this.#ready = []
    this.#starting = []
    for (const container of ready) container.kill()
    const late = (await Promise.allSettled(starting)).flatMap(started)
    for (const container of late) container.kill()
    await Promise.all([...ready, ...late].map(({ gone }) => gone))
  }

  /** One that waits, or that is nearly there; null when there is none. Another takes its place. */
  async take(): Promise<Container | null> {
    const container = this.#ready.shift() ?? this.#starting.shift() ?? null
    if (container === null) return null
    try {
      return await container
    } catch {
      return null
    } finally {
      this.#fill()
    }
  }

  #fill(): void {
    if (!this.#wanted || this.#retry !== null) return
    while (this.#ready.length + this.#starting.length < this.#size) {
      const starting = this.#start(this.#language)
      this.#starting.push(starting)
      starting.then(
        (container) => this.#arrived(starting, container),
        (error: unknown) => this.#failed(starting, error),
      )
    }
  }

  #arrived(starting: Promise<Container>, container: Container): void {
    this.#failures = 0
    // Someone took it while it started.
    if (!this.#forget(starting) || !this.#wanted) return
    this.#ready.push(container)
    void container.gone.then(() => {
      const at = this.#ready.indexOf(container)
      if (at === -1) return
      this.#ready.splice(at, 1)
      this.#later()
    })
  }

  #failed(starting: Promise<Container>, error: unknown): void {
    this.#forget(starting)
    if (this.#failures === 0) {
      const why = error instanceof Error ? error.message : String(error)
      this.#log(`No ${this.#language} container waits for the next function: ${why}`)
    }
    this.#later()
  }

  #forget(starting: Promise<Container>): boolean {
    const at = this.#starting.indexOf(starting)
    if (at !== -1) this.#starting.splice(at, 1)
    return at !== -1
  }

  #later(): void {
    if (this.#retry !== null || !this.#wanted) return
    const ms = Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_MAX_MS)
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#fill()
    }, ms)
    this.#retry.unref?.()
  }
}

function started(result: PromiseSettledResult<Container>): Container[] {
  return result.status === 'fulfilled' ? [result.value] : []
}
