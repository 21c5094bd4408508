import type { Duplex } from 'node:stream'
import type Dockerode from 'dockerode'
import { GuestLink } from '../../../guest-link.ts'
import { type Message, TYPE } from '../../../wire.ts'
import { Demux } from '../engine/demux.ts'
import type { Engine } from '../engine/engine.ts'
import { statusOf } from '../engine/engine.ts'
import type { ContainerEnd } from '../engine/events.ts'

/** What a guest is in a container: its command, and what the command reads first from standard input. */
export interface Guest {
  readonly command: readonly string[]
  readonly payload: Uint8Array
}

export interface ContainerOptions {
  readonly image: string
  readonly guest: Guest
  /** A network's name, or `none`. */
  readonly network: string
  readonly memoryMb: number
  readonly cpus: number
  readonly labels: Readonly<Record<string, string>>
  /** What must be done beside it before it is ready. @param running resolves when it runs */
  readonly confine?: (id: string, running: Promise<unknown>) => Promise<void>
}

const MIB = 1_048_576
/** Neither root nor anyone else: nobody. */
const USER = '65534:65534'
const TMP_MB = 64
const PIDS = 256
const OPEN_FILES = 4096
/** How long a container whose stream ended may take to be told of as ended. Milliseconds. */
const END_WITHIN = 3000
const STDERR_KEPT = 4000
/** The runner is told at once; a container that says nothing has something else inside. Milliseconds. */
const HELLO_WITHIN = 15_000

/** One container of ours: started, hardened, its guest spoken to over its standard input and output. */
export class Container {
  readonly id: string
  readonly link: GuestLink
  /** Settles once, never rejects: when its last process is gone. */
  readonly gone: Promise<ContainerEnd>
  /** What the container printed past its guest. */
  onStderr: (bytes: Uint8Array) => void = () => undefined
  /** Nothing more comes of it: it has ended, or is about to. */
  onSilent: () => void = () => undefined
  readonly #engine: Engine
  readonly #container: Dockerode.Container
  #stderr = ''

  private constructor(engine: Engine, container: Dockerode.Container, stream: Duplex) {
    this.#engine = engine
    this.#container = container
    this.id = container.id
    this.gone = engine.events.watch(container.id)
    // A container that ended while it was written to says more by its end.
    stream.on('error', () => undefined)
    this.link = new GuestLink((bytes) => {
      if (stream.writable) stream.write(bytes)
    })
    const demux = new Demux((name, bytes) => {
      if (name === 'stdout') this.link.push(bytes)
      else {
        this.#stderr = (this.#stderr + Buffer.from(bytes).toString()).slice(-STDERR_KEPT)
        this.onStderr(bytes)
      }
    })
    stream.on('data', (chunk: Uint8Array) => demux.push(chunk))
    stream.once('end', () => this.onSilent())
    stream.once('close', () => {
      const timer = setTimeout(() => this.#giveUp(), END_WITHIN)
      void this.gone.then(() => clearTimeout(timer))
    })
    void this.gone.then(() => stream.destroy())
  }

  /** The end of what it printed past its guest. */
  get stderr(): string {
    return this.#stderr
  }

  /** Resolves when its guest is ready for a function. @throws RuntimeUnavailable, the engine's own error */
  static async start(engine: Engine, options: ContainerOptions): Promise<Container> {
    await engine.events.listen()
    const made = await engine.create(settings(engine, options))
    let container: Container | null = null
    let running: Promise<unknown> = Promise.resolve()
    let confined: Promise<void> | undefined
    try {
      const stream = (await made.attach({
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        hijack: true,
      })) as unknown as Duplex
      container = new Container(engine, made, stream)
      const ready = container.#hello()
      ready.catch(() => undefined)
      stream.write(options.guest.payload)
      running = made.start()
      confined = options.confine?.(made.id, running)
      await Promise.all([running, ready, confined])
      return container
    } catch (error) {
      container?.kill()
      // Removed while it starts, it leaves the engine an endpoint that its network is never rid of; and what is made
      // beside it must be gone before anyone takes it for ended.
      await Promise.allSettled([running, confined])
      await made.remove({ force: true, v: true }).catch(() => undefined)
      engine.events.giveUp(made.id)
      throw error
    }
  }

  /** Gives it another limit, before it belongs to a function. @throws the engine's own error */
  async resize(memoryMb: number): Promise<void> {
    const bytes = memoryMb * MIB
    await this.#container.update({ Memory: bytes, MemorySwap: bytes })
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#container.kill({ signal: 'SIGKILL' }).catch((error: unknown) => {
      // It has ended already, or the engine does not answer: then nobody will tell.
      const status = statusOf(error)
      if (status === null || status === 404) this.#giveUp()
    })
  }

  #giveUp(): void {
    this.link.close()
    this.#container.remove({ force: true, v: true }).catch(() => undefined)
    this.#engine.events.giveUp(this.id)
  }

  #hello(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        reject(
          this.#engine.unavailable(
            `a container was started and its runner did not answer: ${why}`,
            'check that FAAS_PYTHON_IMAGE and FAAS_NODE_IMAGE name images with python3 and node',
          ),
        )
      const timer = setTimeout(() => fail(`nothing came within ${HELLO_WITHIN} ms`), HELLO_WITHIN)
      this.link.onMessage = ({ type }: Message) => {
        if (type !== TYPE.HELLO) return fail(`it began with message ${type}`)
        clearTimeout(timer)
        resolve()
      }
      this.link.onBroken = (error) => fail(String(error))
      void this.gone.then(({ code }) => {
        clearTimeout(timer)
        const last = this.#stderr.trim().split('\n').at(-1)
        fail(`it ended with exit code ${code}${last ? `: ${last}` : ''}`)
      })
    })
  }
}

function settings(
  engine: Engine,
  { image, guest, network, memoryMb, cpus, labels }: ContainerOptions,
): Dockerode.ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [guest.command[0]!],
    Cmd: guest.command.slice(1),
    User: USER,
    WorkingDir: '/tmp',
    Env: ['HOME=/tmp'],
    Labels: engine.labels(labels),
    Hostname: 'function',
    OpenStdin: true,
    // The end of the gateway is the end of the input, and so of the container.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: network,
      AutoRemove: true,
      LogConfig: { Type: 'none', Config: {} },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: memoryMb * MIB,
      MemorySwap: memoryMb * MIB,
      NanoCpus: Math.round(cpus * 1e9),
      PidsLimit: PIDS,
      Ulimits: [
        { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,size=${TMP_MB}m,mode=1777` },
      ShmSize: 16 * MIB,
      IpcMode: 'private',
    },
  }
}
