import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, hostname, tmpdir } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import Dockerode from 'dockerode'
import type { Deployment } from '../../../../src/domain/deployment.ts'
import type { Language } from '../../../../src/domain/runtime-name.ts'
import { engineAddress } from '../../../../src/runtime/drivers/docker/engine/address.ts'
import { Engine } from '../../../../src/runtime/drivers/docker/engine/engine.ts'
import { Images, type ImagesOptions } from '../../../../src/runtime/drivers/docker/images/images.ts'
import { BuildFailure } from '../../../../src/runtime/failures.ts'
import { docker } from '../../../support/docker.ts'

/** The images of a made-up gateway. */
export interface TestImages {
  readonly images: Images
  readonly engine: Engine
  readonly gateway: string
  /** Builds, and gives what was logged besides the reference. */
  build(deployment: Deployment, signal?: AbortSignal): Promise<{ reference: string; log: string[] }>
  /** The sentence that a build fails with. */
  failure(deployment: Deployment): Promise<string>
}

/** Sets up the images of a gateway of its own. */
export async function testImages(
  options: Partial<Omit<ImagesOptions, 'engine'>> & {
    gateway?: string
    owner?: string
    socket?: string
  } = {},
): Promise<TestImages> {
  const gateway = options.gateway ?? randomBytes(4).toString('hex')
  const owner = options.owner ?? `${hostname()}:${process.pid}:x`
  const address = await engineAddress({ configured: null, env: process.env, home: homedir() })
  const client = new Dockerode(
    options.socket === undefined ? address.options : { socketPath: options.socket },
  )
  const engine = new Engine(client, address.url, { gateway, owner })
  const images = new Images({
    pythonImage: process.env.FAAS_PYTHON_IMAGE ?? 'python:3-slim',
    nodeImage: process.env.FAAS_NODE_IMAGE ?? 'node:26-slim',
    pipIndexUrl: null,
    npmRegistry: null,
    buildCaFile: null,
    env: {},
    ...options,
    engine,
  })
  const build = async (deployment: Deployment, signal = AbortSignal.timeout(240_000)) => {
    const log: string[] = []
    const { reference } = await images.build(deployment, { signal, log: (line) => log.push(line) })
    return { reference, log }
  }
  const failure = async (deployment: Deployment) => {
    try {
      await build(deployment)
    } catch (error) {
      if (error instanceof BuildFailure) return error.message
      throw error
    }
    throw new Error('the build was expected to fail')
  }
  return { images, engine, gateway, build, failure }
}

/** A deployment, as far as images look at it. */
export function deploymentOf(type: Language, library: string, version = 1, callbackId = 7): Deployment {
  return {
    callback_id: callbackId,
    version,
    runtime: 'docker',
    path: 'x',
    method: 'ANY',
    type,
    code: '',
    library,
    env: { SECRET_OF_THE_FUNCTION: 'x' },
    limits: {},
    response_mode: 'proxy',
    artifact: null,
  }
}

/** The text of a package.json. */
export function packageJson(dependencies: Record<string, string>, more: object = {}): string {
  return JSON.stringify({ dependencies, ...more })
}

/** Runs a program in a container of an image as functions run: without rights and network. */
export function runIn(image: string, ...command: string[]): Promise<string> {
  const [program, ...args] = command
  const limits = ['--rm', '--read-only', '--network=none', '--cap-drop=ALL', '--user=65534:65534']
  return docker('run', ...limits, '--entrypoint', program!, image, ...args)
}

/** A package index and npm registry in a container, behind TLS and a password, on a network of its own. */
export interface PrivateRegistry extends AsyncDisposable {
  readonly pipIndexUrl: string
  readonly npmRegistry: string
  readonly buildCaFile: string
  readonly password: string
  readonly network: NonNullable<ImagesOptions['network']>
  /** Paths that were asked for. */
  requests(): Promise<string[]>
}

/** @param scripts made-up npm packages: the install script of each; null: it has none */
export async function privateRegistry(
  scripts: Readonly<Record<string, string | null>> = {},
): Promise<PrivateRegistry> {
  const name = `faas-test-registry-${randomBytes(4).toString('hex')}`
  const [host, password] = ['registry.test', `pw${randomBytes(8).toString('hex')}`]
  const caFile = path.join(tmpdir(), `${name}.pem`)
  const program = await readFile(new URL('./registry.py', import.meta.url), 'utf8')
  const login = `reader:${password}`
  await docker('network', 'create', name)
  const place = ['--name', name, '--network', name, '--network-alias', host]
  const command = ['python3', '-c', program, host, login, JSON.stringify(scripts)]
  await docker('run', '--detach', '--rm', ...place, 'python:3-slim', ...command)
  const log = () => docker('logs', name)
  await until(async () => (await log()).includes('READY'))
  const [certificate = ''] = (await log()).split('READY')
  await writeFile(caFile, certificate)
  const base = `https://${login}@${host}`
  return {
    pipIndexUrl: `${base}/simple`,
    npmRegistry: `${base}/npm/`,
    buildCaFile: caFile,
    password,
    network: { use: (work) => work(name), confine: async () => {} },
    requests: async () => (await log()).split('READY\n')[1]?.split('\n') ?? [],
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', name)
      await docker('network', 'rm', name)
      await rm(caFile)
    },
  }
}

/** Waits for a condition, for at most 60 s. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
