import type Dockerode from 'dockerode'
import { type Engine, statusOf } from '../engine/engine.ts'
import { type ImageTag, INSTALL_LABEL } from './names.ts'
import type { Recipe } from './recipe.ts'
import { type FailedInstall, runInstaller } from './run-installer.ts'
import { tarOf } from './tar.ts'

/** A network for containers that install. */
export interface InstallNetwork {
  /** Does something with the network of this name, once it is there. */
  use<T>(work: (name: string) => Promise<T>): Promise<T>
  /**
   * Closes ways from a container that runs, and waits for its first input: nothing of the library has run in it.
   * @param image that it is made of
   * @param destinations hosts that it must reach whatever else is closed: index, registry, proxies
   */
  confine(containerId: string, image: string, destinations: readonly string[]): Promise<void>
}

/** One installation: what runs, where, and what becomes of it. */
export interface InstallJob {
  readonly engine: Engine
  /** Id of the base image. */
  readonly baseId: string
  readonly recipe: Recipe
  /** A certificate in PEM that is trusted besides the usual ones. */
  readonly certificate: string | null
  /** Where the container is; null: the engine's own choice. */
  readonly network: InstallNetwork | null
  /** The name that the image gets. */
  readonly name: ImageTag
  readonly signal: AbortSignal
  /** Each line that the installer prints. */
  readonly log: (line: string) => void
}

/** Role of the containers that install, and of the images that come of them, in the label `faas.role`. */
export const BUILD_ROLE = 'build'
export const LIBRARY_ROLE = 'library'

/** Installs as nobody that functions run as, so that they could change nothing even if their root were writable. */
const INSTALLER = 65_532
const FUNCTIONS = '65534:65534'
/** Compilers and large dependency trees need much; a build without bounds would take the machine. */
export const MEMORY_MB = 2048
const LIMITS: Dockerode.HostConfig = {
  LogConfig: { Type: 'none', Config: {} },
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  Memory: MEMORY_MB * 1_048_576,
  MemorySwap: MEMORY_MB * 1_048_576,
  PidsLimit: 1024,
  // Half of what a container has that says nothing: functions go first.
  CpuShares: 512,
  // What may be written besides /faas is no part of the image.
  Tmpfs: { '/tmp': 'rw,nosuid,mode=1777,size=64m', '/var/tmp': 'rw,nosuid,mode=1777,size=64m' },
}

/**
 * Runs the recipe in a container of the base image and makes an image of that. Nothing but /faas differs from the
 * base image: all else that can be written lies in memory. The container is gone when this settles.
 * @returns null, or how the installer failed
 * @throws the signal's reason, RuntimeUnavailable, or the engine's own error
 */
export async function install(job: InstallJob): Promise<FailedInstall | null> {
  const { recipe, signal } = job
  signal.throwIfAborted()
  const container = await create(job)
  let removal: Promise<void> | null = null
  const remove = () => {
    removal ??= removeContainer(container)
    return removal
  }
  const stop = () => void remove().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    await container.putArchive(archiveOf(recipe), { path: '/' })
    const failed = await runInstaller(container, job)
    if (failed === null) await commit(container, job)
    return failed
  } catch (error) {
    // A container that is taken away makes its calls fail in many words.
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    await remove()
  }
}

function create({ engine, baseId, recipe, network }: InstallJob): Promise<Dockerode.Container> {
  const options = (place: Dockerode.HostConfig): Dockerode.ContainerCreateOptions => ({
    Image: baseId,
    Entrypoint: [],
    Cmd: [...recipe.command],
    User: `${INSTALLER}:${INSTALLER}`,
    WorkingDir: '/',
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Labels: engine.labels({ 'faas.role': BUILD_ROLE }),
    HostConfig: { ...LIMITS, ...place },
  })
  if (network === null) return engine.create(options({}))
  return network.use((name) => engine.create(options({ NetworkMode: name })))
}

function archiveOf({ files, target }: Recipe): Buffer {
  const folders = ['faas/', 'faas/.install/', `faas/${target}/`]
  // npm reads package.json where it installs.
  const place = (name: string) =>
    name === 'package.json' ? `faas/${target}/${name}` : `faas/.install/${name}`
  return tarOf([
    ...folders.map((name) => ({ name, content: null, owner: INSTALLER })),
    ...Object.entries(files).map(([name, content]) => ({ name: place(name), content, owner: INSTALLER })),
  ])
}

async function commit(container: Dockerode.Container, { engine, recipe, name }: InstallJob): Promise<void> {
  const labels = engine.labels({ 'faas.role': LIBRARY_ROLE, [INSTALL_LABEL]: recipe.key })
  await container.commit({
    _query: { container: container.id, ...name, comment: 'The library of a function', pause: 'false' },
    // What is not named here is taken from the container. An image outlives the process that made it.
    _body: { User: FUNCTIONS, Cmd: recipe.command.slice(0, 1), Labels: { ...labels, 'faas.owner': '' } },
  })
}

/** Resolves when the container is gone. */
async function removeContainer(container: Dockerode.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return
    // Someone else is removing it.
    if (status !== 409) throw error
    await container.wait({ condition: 'removed' }).catch(() => undefined)
  }
}
