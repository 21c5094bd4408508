import type Dockerode from 'dockerode'
import { RuntimeUnavailable } from '../../../failures.ts'
import { type Engine, reasonOf, statusOf } from '../engine/engine.ts'

/** An image that containers are made of, and the setting that names it. */
export interface BaseImage {
  readonly name: string
  readonly setting: string
}

/**
 * Sees to it that the engine has an image: pulls it where it is missing.
 * @returns its id
 * @throws RuntimeUnavailable, the signal's reason
 */
export async function ensureImage(
  engine: Engine,
  image: BaseImage,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<string> {
  signal.throwIfAborted()
  const id = await idOf(engine, image.name)
  if (id !== null) return id
  log(`Pulling ${image.name}, which the engine does not have`)
  try {
    await pull(engine.docker, image.name, signal)
    const pulled = await idOf(engine, image.name)
    if (pulled !== null) return pulled
    throw new Error('the engine does not have it afterwards')
  } catch (error) {
    signal.throwIfAborted()
    const reason = reasonOf(error) ?? (error as Error).message
    throw new RuntimeUnavailable(
      `the Docker engine at ${engine.address} has no image "${image.name}" and cannot pull it: ${reason}`,
      `run \`docker pull ${image.name}\` there, or set ${image.setting} to an image that it has`,
    )
  }
}

/** Null when there is no such image. @throws RuntimeUnavailable */
async function idOf(engine: Engine, name: string): Promise<string | null> {
  // It becomes part of an address; pulling it tells what is wrong with it.
  if (!/^[\w./:@-]+$/.test(name)) return null
  try {
    return (await engine.docker.getImage(name).inspect()).Id
  } catch (error) {
    // A name that is none at all is 400.
    if (statusOf(error) === 404 || statusOf(error) === 400) return null
    throw engine.explain(error)
  }
}

interface Progress {
  readonly error?: string
}

async function pull(docker: Dockerode, name: string, abortSignal: AbortSignal): Promise<void> {
  const stream = await docker.pull(name, { abortSignal })
  const cut = () => (stream as unknown as { destroy(): void }).destroy()
  abortSignal.addEventListener('abort', cut, { once: true })
  try {
    let open = ''
    for await (const chunk of stream) {
      const lines = (open + chunk.toString()).split('\n')
      open = lines.pop()!
      for (const line of lines.filter((text) => text.trim() !== '')) {
        const { error } = JSON.parse(line) as Progress
        if (error !== undefined) throw new Error(error)
      }
    }
  } finally {
    abortSignal.removeEventListener('abort', cut)
  }
}
