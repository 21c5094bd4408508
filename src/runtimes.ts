import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './config.ts'
import { createDockerRuntime } from './runtime/drivers/docker/driver.ts'
import { createIsolateRuntime } from './runtime/drivers/isolate/driver.ts'
import { findNode } from './runtime/drivers/isolate/find-node.ts'
import type { Runtime } from './runtime/runtime.ts'

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const HOST_PROGRAM = path.join(ROOT, 'runtimes/isolate/host.ts')
/** All that a host process may read: its own program and the addon. */
const HOST_READS = [
  'runtimes',
  'src/runtime/wire.ts',
  'src/runtime/frames.ts',
  'package.json',
  'node_modules/isolated-vm',
  'node_modules/node-gyp-build',
]

/** The drivers that this host can have at all; whether each can be used is for `probe` to say. */
export async function createRuntimes(config: Config, log: (message: string) => void): Promise<Runtime[]> {
  const runtimes: Runtime[] = []
  const onDeno = 'Deno' in globalThis
  const node = onDeno ? await findNode(config.node, ROOT) : process.execPath
  if (node !== null) {
    runtimes.push(
      createIsolateRuntime({
        node,
        program: HOST_PROGRAM,
        readable: HOST_READS.map((entry) => path.join(ROOT, entry)),
        hosts: config.isolateHosts,
        blanks: config.isolateBlanks,
        cacheDir: path.join(config.dataDir, 'cache'),
        build: buildPrelude,
        log,
      }),
    )
  }
  if (onDeno) {
    const { createWorkerRuntime } = await import('./runtime/drivers/worker/driver.ts')
    runtimes.push(
      createWorkerRuntime({
        cacheDir: path.join(config.dataDir, 'cache'),
        build: async () => (await import('../runtimes/worker/bundle.ts')).buildWorkerGuest(),
      }),
    )
  }
  runtimes.push(
    createDockerRuntime({
      host: config.dockerHost,
      env: process.env,
      dataDir: config.dataDir,
      pythonImage: config.pythonImage,
      nodeImage: config.nodeImage,
      pipIndexUrl: config.pipIndexUrl,
      npmRegistry: config.npmRegistry,
      buildCaFile: config.buildCaFile,
      prewarm: config.dockerPrewarm,
      cpus: config.dockerCpus,
      egress: { mode: config.egress, allow: config.egressAllow },
      guests: {
        python: async () => (await import('../runtimes/python/bundle.ts')).pythonGuest(),
        node: async () => (await import('../runtimes/node/bundle.ts')).nodeGuest(),
      },
      log,
    }),
  )
  return runtimes
}

/** The snapshot depends on its warm-up too. */
async function buildPrelude(): Promise<{ code: string; inputs: string[] }> {
  const { buildPrelude: build } = await import('../runtimes/isolate/bundle.ts')
  const { code, inputs } = await build()
  return { code, inputs: [...inputs, path.join(ROOT, 'runtimes/isolate/warm-up.ts')] }
}
