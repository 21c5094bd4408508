import { Buffer } from 'node:buffer'
import { artifactOf } from '../../../domain/artifact.ts'
import type { Artifact, Deployment } from '../../../domain/deployment.ts'
import type { Language } from '../../../domain/runtime-name.ts'
import { BootFailure } from '../../failures.ts'
import { booted } from '../../framed-instance.ts'
import type {
  Availability,
  BuildContext,
  Capabilities,
  Instance,
  Runtime,
  StartOptions,
} from '../../runtime.ts'
import type { Guest } from './containers/container.ts'
import { Containers } from './containers/containers.ts'
import { createDockerInstance } from './containers/instance.ts'
import { connect } from './engine/connect.ts'
import type { EgressRules } from './network/ways-out.ts'

/** How the docker runtime is set up. */
export interface DockerOptions {
  /** FAAS_DOCKER_HOST; null: the Docker client's own rules. */
  readonly host: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dataDir: string
  readonly pythonImage: string
  readonly nodeImage: string
  readonly pipIndexUrl: string | null
  readonly npmRegistry: string | null
  readonly buildCaFile: string | null
  /** Generic containers that wait per language. */
  readonly prewarm: number
  /** CPUs of one container, at the most. */
  readonly cpus: number
  readonly egress: EgressRules
  readonly guests: Readonly<Record<Language, () => Promise<Guest>>>
  readonly log: (message: string) => void
  /** Longest a module may take to load. Milliseconds. @default 30000 */
  readonly bootTimeoutMs?: number
}

const CAPABILITIES: Capabilities = {
  languages: ['node', 'python'],
  streaming: true,
  memory: 'hard',
  cpu: 'hard',
  interrupt: 'hard',
  egress: 'hard',
  library: 'image',
}
const AUTHOR_FILE: Record<Language, string> = { node: 'main.js', python: 'main.py' }

/** Functions in warm containers of a Docker engine. */
export function createDockerRuntime(options: DockerOptions): Runtime {
  const bootTimeoutMs = options.bootTimeoutMs ?? 30_000
  let opened: Promise<Containers> | null = null

  /** The engine may come later than the gateway, and go again. @throws RuntimeUnavailable */
  const containers = async (): Promise<Containers> => {
    opened ??= connect(options).then((engine) => new Containers(engine, options))
    try {
      return await opened
    } catch (error) {
      opened = null
      throw error
    }
  }

  return {
    name: 'docker',
    capabilities: CAPABILITIES,
    async probe(signal): Promise<Availability> {
      try {
        const { engine } = await containers()
        const { version } = await engine.facts(signal)
        return { ready: true, detail: `Docker ${version} at ${engine.address}` }
      } catch (error) {
        const { message, remedy } = error as { message: string; remedy?: string }
        return { ready: false, reason: message, remedy: remedy ?? 'see npm run doctor' }
      }
    },
    async prepare(deployment: Deployment, build: BuildContext): Promise<Artifact> {
      const all = await containers()
      all.use(deployment)
      const source =
        deployment.type === 'python'
          ? artifactOf('source', { 'main.py': Buffer.from(deployment.code) })
          : await build.bundle(deployment, {
              runtime: 'docker',
              polyfillNode: false,
              externalPackages: true,
            })
      const reference = await all.image(deployment, build)
      return reference === null ? source : artifactOf('image', source.files, reference)
    },
    async start(deployment: Deployment, start: StartOptions): Promise<Instance> {
      const code = start.artifact.files[AUTHOR_FILE[deployment.type]]
      if (code === undefined) {
        const message = `the artifact has no ${AUTHOR_FILE[deployment.type]}`
        throw new BootFailure('module_threw', { name: 'Error', message, stack: '' })
      }
      const all = await containers()
      all.use(deployment)
      const container = await all.take(deployment, start)
      const instance = createDockerInstance(container, deployment, code, start)
      await booted(instance, start, bootTimeoutMs)
      return instance
    },
    async discard(deployment: Deployment): Promise<void> {
      await (await opened?.catch(() => null))?.discard(deployment)
    },
    async sweep(active: readonly Deployment[]): Promise<void> {
      await (await containers()).sweep(active)
    },
    async [Symbol.asyncDispose]() {
      await (await opened?.catch(() => null))?.[Symbol.asyncDispose]()
    },
  }
}
