import type { Readable } from 'node:stream'
import type Dockerode from 'dockerode'

/** How a container ended, as far as the engine told. */
export interface ContainerEnd {
  /** Null: nobody said. */
  readonly code: number | null
  /** The kernel ended something in it for its memory. */
  readonly oom: boolean
  /** The way to the engine broke: the container is given up. */
  readonly lost: boolean
}

interface EngineEvent {
  readonly Action?: string
  readonly Actor?: { readonly ID?: string; readonly Attributes?: { readonly exitCode?: string } }
}

/** Hears from the engine how the containers of one owner end: one connection for all of them. */
export class EngineEvents {
  readonly #docker: Dockerode
  readonly #owner: string
  readonly #watched = new Map<string, { oom: boolean; readonly settle: (end: ContainerEnd) => void }>()
  #stream: Promise<Readable> | null = null

  constructor(docker: Dockerode, owner: string) {
    this.#docker = docker
    this.#owner = owner
  }

  /** From when this resolves no end is missed. @throws the engine's own error */
  async listen(): Promise<void> {
    this.#stream ??= this.#open()
    await this.#stream
  }

  /** Settles once, never rejects. To be called before the container is started. */
  watch(id: string): Promise<ContainerEnd> {
    return new Promise((settle) => {
      this.#watched.set(id, { oom: false, settle })
    })
  }

  /** Nobody will say how this one ended: it is given up. */
  giveUp(id: string): void {
    this.#settle(id, { code: null, lost: true })
  }

  async close(): Promise<void> {
    const stream = this.#stream
    this.#stream = null
    await stream?.then(
      (open) => open.destroy(),
      () => undefined,
    )
  }

  async #open(): Promise<Readable> {
    const label = [`faas.owner=${this.#owner}`]
    const filters = JSON.stringify({ type: ['container'], event: ['die', 'oom'], label })
    try {
      const stream = (await this.#docker.getEvents({ filters })) as unknown as Readable
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) if (line.trim() !== '') this.#take(JSON.parse(line) as EngineEvent)
      })
      const broken = () => this.#broken()
      stream.once('error', broken).once('close', broken).once('end', broken)
      return stream
    } catch (error) {
      this.#stream = null
      throw error
    }
  }

  #take({ Action, Actor }: EngineEvent): void {
    const id = Actor?.ID ?? ''
    const watched = this.#watched.get(id)
    if (watched === undefined) return
    if (Action === 'oom') watched.oom = true
    else if (Action === 'die') {
      const code = Number(Actor?.Attributes?.exitCode)
      this.#settle(id, { code: Number.isInteger(code) ? code : null, lost: false })
    }
  }

  /** The engine went away, and the containers' own connections with it. */
  #broken(): void {
    if (this.#stream === null) return
    this.#stream = null
    for (const id of this.#watched.keys()) this.giveUp(id)
  }

  #settle(id: string, end: Omit<ContainerEnd, 'oom'>): void {
    const watched = this.#watched.get(id)
    this.#watched.delete(id)
    watched?.settle({ ...end, oom: watched.oom })
  }
}
