import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import * as path from 'node:path'
import process from 'node:process'
import type { Artifact, Deployment } from '../../../domain/deployment.ts'
import { BootFailure } from '../../failures.ts'
import { booted, type FramedInstance } from '../../framed-instance.ts'
import type {
  Availability,
  BuildContext,
  Capabilities,
  Instance,
  Runtime,
  StartOptions,
} from '../../runtime.ts'
import { startWorker } from './instance.ts'

/** How the worker runtime is set up. */
export interface WorkerOptions {
  /** Bundles the guest's program into one script. */
  readonly build: () => Promise<string>
  /** Where that script is kept. */
  readonly cacheDir: string
  /** Longest a module may take to load, whatever the function's own limit. Milliseconds. @default 10000 */
  readonly bootTimeoutMs?: number
}

const CAPABILITIES: Capabilities = {
  languages: ['node'],
  streaming: true,
  memory: 'none',
  cpu: 'none',
  interrupt: 'hard',
  egress: 'hard',
  library: 'bundle',
}

/** Deno processes without any permission: what serves where no Node.js can hold isolates. */
export function createWorkerRuntime(options: WorkerOptions): Runtime {
  const bootTimeoutMs = options.bootTimeoutMs ?? 10_000
  const live = new Set<FramedInstance>()
  let guest: Promise<string> | null = null

  const program = (): Promise<string> => {
    guest ??= options.build().then((code) => save(options.cacheDir, code))
    return guest
  }

  return {
    name: 'worker',
    capabilities: CAPABILITIES,
    async probe(): Promise<Availability> {
      try {
        await program()
        return {
          ready: true,
          detail: 'Deno processes without permissions; no CPU limit, and of memory the heap alone',
        }
      } catch (error) {
        guest = null
        return {
          ready: false,
          reason: `the guest could not be bundled: ${String(error)}`,
          remedy: 'see the log',
        }
      }
    },
    prepare: (deployment: Deployment, build: BuildContext): Promise<Artifact> =>
      build.bundle(deployment, { runtime: 'worker', polyfillNode: true, externalPackages: false }),
    async start(deployment: Deployment, start: StartOptions): Promise<Instance> {
      const code = start.artifact.files['main.js']
      if (code === undefined) {
        const message = 'the artifact has no main.js'
        throw new BootFailure('module_threw', { name: 'Error', message, stack: '' })
      }
      const instance = startWorker(await program(), deployment, code, start)
      live.add(instance)
      void instance.exited.then(() => live.delete(instance))
      await booted(instance, start, Math.min(bootTimeoutMs, start.limits.timeout_ms))
      return instance
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...live].map((instance) => instance.close('shutdown')))
    },
  }
}

/** One file per content: gateways that share the folder do not get in each other's way. */
async function save(dir: string, code: string): Promise<string> {
  const name = createHash('sha256').update(code).digest('hex').slice(0, 16)
  const file = path.join(dir, `worker-${name}.js`)
  await mkdir(dir, { recursive: true })
  await writeFile(`${file}.${process.pid}.part`, code)
  await rename(`${file}.${process.pid}.part`, file)
  return file
}
