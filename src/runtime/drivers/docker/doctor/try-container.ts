import type Dockerode from 'dockerode'
import { Demux } from '../engine/demux.ts'

/** A program to run once. */
export interface TrialOptions {
  readonly image: string
  readonly command: readonly string[]
  /** Without it there is no network but loopback. */
  readonly network: boolean
  /** Its container is removed when this is aborted. */
  readonly signal: AbortSignal
}

/** How the program ended. */
export interface Trial {
  readonly code: number
  readonly output: string
  /** From the request for a container to the end of the program. Milliseconds. */
  readonly ms: number
}

const MEMORY = 256 * 1_048_576
const NOBODY = '65534:65534'
/** Memory that each container has of itself. */
const WRITABLE = '/dev/shm'
const KEPT = 4000

/**
 * Runs a short program of our own in a container that has the rights of a function's.
 * @throws the engine's own error
 */
export async function tryContainer(docker: Dockerode, options: TrialOptions): Promise<Trial> {
  const started = performance.now()
  const container = await docker.createContainer({
    Image: options.image,
    Entrypoint: [],
    Cmd: [...options.command],
    User: NOBODY,
    WorkingDir: WRITABLE,
    Env: [`HOME=${WRITABLE}`, `TMPDIR=${WRITABLE}`],
    Labels: { 'faas.role': 'doctor' },
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: options.network ? 'default' : 'none',
      Memory: MEMORY,
      MemorySwap: MEMORY,
      PidsLimit: 64,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'none', Config: {} },
    },
  })
  const remove = () => container.remove({ force: true, v: true }).catch(() => undefined)
  options.signal.addEventListener('abort', remove, { once: true })
  try {
    options.signal.throwIfAborted()
    let output = ''
    const stream = await container.attach({ stream: true, stdout: true, stderr: true })
    const demux = new Demux((_, bytes) => {
      output = (output + Buffer.from(bytes).toString()).slice(-KEPT)
    })
    stream.on('data', (chunk: Uint8Array) => demux.push(chunk))
    const read = new Promise<void>((resolve) => stream.once('close', resolve).once('end', resolve))
    const ending = container.wait({ condition: 'next-exit' })
    ending.catch(() => undefined)
    await container.start()
    const { StatusCode } = (await ending) as { StatusCode: number }
    await read
    return { code: StatusCode, output, ms: performance.now() - started }
  } finally {
    await remove()
  }
}
