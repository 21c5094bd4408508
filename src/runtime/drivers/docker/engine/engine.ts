import { randomBytes } from 'node:crypto'
import type Dockerode from 'dockerode'
import { RuntimeUnavailable } from '../../../failures.ts'
import { Demux } from './demux.ts'
import { EngineEvents } from './events.ts'

/** Who this gateway is to the engine: what it makes carries both. */
export interface Identity {
  /** The same for every process on the same data directory. */
  readonly gateway: string
  /** This process: `hostname:pid:nonce`. */
  readonly owner: string
}

/** What the engine says of itself. */
export interface EngineFacts {
  readonly version: string
  readonly cores: number
}

/** How long what was learnt of the engine holds. Milliseconds. */
const FACTS_FOR = 2000
/** Names are random: they clash when someone makes one of the same, and then another is taken. */
const NAME_TRIES = 3

/** One Docker engine, as this gateway uses it. Errors become sentences with a way out. */
export class Engine {
  readonly docker: Dockerode
  /** How it is reached, for people. */
  readonly address: string
  readonly identity: Identity
  readonly events: EngineEvents
  #facts: { readonly at: number; readonly facts: EngineFacts } | null = null

  constructor(docker: Dockerode, address: string, identity: Identity) {
    this.docker = docker
    this.address = address
    this.identity = identity
    this.events = new EngineEvents(docker, identity.owner)
  }

  /** @throws RuntimeUnavailable when it does not answer within `signal` */
  async facts(signal: AbortSignal): Promise<EngineFacts> {
    const known = this.#facts
    if (known !== null && Date.now() - known.at < FACTS_FOR) return known.facts
    try {
      const info = (await aborted(this.docker.info(), signal)) as InfoAnswer
      if (info.OSType !== 'linux') {
        throw this.unavailable(
          `the Docker engine at ${this.address} runs ${info.OSType} containers`,
          'switch it to Linux containers',
        )
      }
      const facts = { version: info.ServerVersion, cores: info.NCPU }
      this.#facts = { at: Date.now(), facts }
      return facts
    } catch (error) {
      throw this.explain(error)
    }
  }

  labels(more: Readonly<Record<string, string>>): Record<string, string> {
    const { gateway, owner } = this.identity
    return { 'faas.gateway': gateway, 'faas.owner': owner, ...more }
  }

  /** Makes a container under a fresh name. @throws the engine's own error */
  async create(options: Dockerode.ContainerCreateOptions): Promise<Dockerode.Container> {
    for (let attempt = 1; ; attempt++) {
      const name = `faas-${this.identity.gateway}-${randomBytes(5).toString('hex')}`
      try {
        return await this.docker.createContainer({ ...options, name })
      } catch (error) {
        if (statusOf(error) !== 409 || attempt === NAME_TRIES) throw error
      }
    }
  }

  /**
   * Runs a short program of our own to its end; nothing of its container stays.
   * @param when what it waits for before it is started; it is made meanwhile
   * @throws the engine's own error
   */
  async runOnce(
    options: Dockerode.ContainerCreateOptions,
    when: Promise<unknown>,
  ): Promise<{ code: number; output: string }> {
    const once = { ...options, AttachStdout: true, AttachStderr: true }
    const container = await this.create({ ...once, HostConfig: { ...options.HostConfig, AutoRemove: true } })
    try {
      let output = ''
      const stream = await container.attach({ stream: true, stdout: true, stderr: true })
      const demux = new Demux((_, bytes) => {
        output = (output + Buffer.from(bytes).toString()).slice(-4000)
      })
      stream.on('data', (chunk: Uint8Array) => demux.push(chunk))
      const read = new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve))
      const waiting = container.wait({ condition: 'next-exit' })
      waiting.catch(() => undefined)
      await when
      await container.start()
      const { StatusCode } = (await waiting) as { StatusCode: number }
      if (StatusCode !== 0) await read
      return { code: StatusCode, output }
    } catch (error) {
      await container.remove({ force: true, v: true }).catch(() => undefined)
      throw error
    }
  }

  unavailable(message: string, remedy: string): RuntimeUnavailable {
    return new RuntimeUnavailable(message, remedy)
  }

  /** What the engine or the way to it said, as a sentence and what to do about it. */
  explain(error: unknown): RuntimeUnavailable {
    if (error instanceof RuntimeUnavailable) return error
    const { code, message } = error as { code?: string; message?: string }
    const said = reasonOf(error) ?? message ?? String(error)
    const at = `the Docker engine at ${this.address}`
    if (code === 'EACCES' || code === 'EPERM')
      return this.unavailable(
        `${at} may not be used by this user`,
        'add the user to the group of the socket, or run the gateway as one who may',
      )
    if (statusOf(error) === null)
      return this.unavailable(
        `${at} does not answer: ${said}`,
        'start Docker, or point FAAS_DOCKER_HOST or DOCKER_HOST at an engine that runs',
      )
    if (/no space left/i.test(said))
      return this.unavailable(
        `${at} has no disk space left`,
        'free some, for instance with docker system prune',
      )
    if (/address pool|non-overlapping/i.test(said))
      return this.unavailable(
        `${at} has no addresses left for another network`,
        'remove unused ones with docker network prune',
      )
    return this.unavailable(`${at} refused: ${said}`, 'see npm run doctor')
  }
}

interface InfoAnswer {
  readonly OSType: string
  readonly ServerVersion: string
  readonly NCPU: number
}

/** The HTTP status of an answer of the engine; null where it gave none. */
export function statusOf(error: unknown): number | null {
  const { statusCode } = error as { statusCode?: unknown }
  return typeof statusCode === 'number' ? statusCode : null
}

/** What the engine said, in its own words; null where it said nothing. */
export function reasonOf(error: unknown): string | null {
  const { json, message } = error as { json?: { message?: unknown } | null; message?: unknown }
  if (typeof json?.message === 'string') return json.message.trim()
  // Where an answer was to be streamed its client has the words in its own sentence alone.
  return /^\(HTTP code \d+\) .*? - (.+)$/s.exec(String(message))?.[1]?.trim() ?? null
}

async function aborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined)
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('it took too long'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  stopped.catch(() => undefined)
  return Promise.race([work, stopped])
}
