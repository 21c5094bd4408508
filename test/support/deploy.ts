import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import * as path from 'node:path'
import type { DeployFeed, DeployMessage } from '../../src/deploy/deployer.ts'
import { type BuildingDeployer, createDeployer } from '../../src/deploy/pipeline.ts'
import type { Activation, Choice, DeployerOptions, RuntimeChoices } from '../../src/deploy/ports.ts'
import type { Callback, CallbackInput } from '../../src/domain/callback.ts'
import type { Artifact, Deployment, DeploymentRecord } from '../../src/domain/deployment.ts'
import { type CType, type Language, RUNTIME_NAMES, type RuntimeName } from '../../src/domain/runtime-name.ts'
import type { Availability, BuildContext, Instance, Runtime } from '../../src/runtime/runtime.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import type { Store } from '../../src/store/store.ts'

/** A runtime that prepares but starts nothing: `isolate` bundles for the edge, the others for a whole Node. */
export class FakeRuntime implements Runtime {
  readonly name: RuntimeName
  readonly capabilities: Runtime['capabilities']
  /** What `prepare` does; tests put something else in its place. */
  making: (deployment: Deployment, build: BuildContext) => Promise<Artifact>

  constructor(name: RuntimeName, languages: readonly Language[]) {
    this.name = name
    const hard = 'hard' as const
    this.capabilities = {
      languages,
      streaming: true,
      memory: hard,
      cpu: hard,
      interrupt: hard,
      egress: hard,
      library: 'bundle',
    }
    this.making = (deployment, build) =>
      build.bundle(deployment, { runtime: name, polyfillNode: name === 'isolate', externalPackages: false })
  }

  async probe() {
    return { ready: true, detail: 'it is made up' } as const
  }
  prepare(deployment: Deployment, build: BuildContext): Promise<Artifact> {
    return this.making(deployment, build)
  }
  start(): Promise<Instance> {
    throw new Error('nothing starts here')
  }
  async [Symbol.asyncDispose]() {}
}

/** Runtimes that are there, and for the rest a sentence. */
export class FakeRuntimes implements RuntimeChoices {
  readonly there: Map<RuntimeName, FakeRuntime>

  constructor(...names: RuntimeName[]) {
    this.there = new Map(names.map((name) => [name, new FakeRuntime(name, ['node'])]))
  }

  get(name: RuntimeName): FakeRuntime | undefined {
    return this.there.get(name)
  }

  async choose(language: Language, cType: CType): Promise<Choice> {
    const names: readonly RuntimeName[] = cType === 'auto' ? ['isolate', 'docker', 'kube'] : [cType]
    const usable = names.filter((name) => this.get(name)?.capabilities.languages.includes(language))
    const [runtime, ...fallbacks] = usable
    if (runtime !== undefined) return { runtime, fallbacks }
    return { problem: `Nothing here can run ${language}: looked for ${names.join(', ')}; start ${names[0]}` }
  }

  async availability(): Promise<Record<string, Availability>> {
    const states = RUNTIME_NAMES.map(
      async (name) => [name, (await this.get(name)?.probe()) ?? NOT_THERE] as const,
    )
    return Object.fromEntries(await Promise.all(states))
  }
}

const NOT_THERE = { ready: false, reason: 'it does not answer', remedy: 'start it' } as const

/** Serving, as a list of what happened to it. */
export class FakeActivation implements Activation {
  readonly events: string[] = []
  /** The version that serves, by callback. */
  readonly serving = new Map<number, number>()
  /** What `boot` does besides being noted; tests put something else in its place. */
  booting: (deployment: DeploymentRecord, artifact: Artifact, signal: AbortSignal) => Promise<void> =
    async () => {}
  /** What `retired` waits for. */
  ending: () => Promise<void> = async () => {}

  async boot(
    deployment: DeploymentRecord,
    artifact: Artifact,
    _log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.events.push(`boot ${deployment.callback_id} v${deployment.version}`)
    await this.booting(deployment, artifact, signal)
  }
  /** Versions whose build did not get through. */
  readonly abandonedVersions: number[] = []

  async abandoned(deployment: DeploymentRecord): Promise<void> {
    this.abandonedVersions.push(deployment.version)
  }
  async activated(deployment: DeploymentRecord): Promise<void> {
    this.events.push(`activated ${deployment.callback_id} v${deployment.version}`)
    this.serving.set(deployment.callback_id, deployment.version)
  }
  async retired(callbackId: number, reason: string): Promise<void> {
    this.events.push(`retiring ${callbackId} ${reason}`)
    await this.ending()
    this.serving.delete(callbackId)
    this.events.push(`retired ${callbackId}`)
  }
}

/** A feed that remembers. */
export class FakeFeed implements DeployFeed {
  readonly messages: DeployMessage[] = []
  readonly #listeners = new Set<(message: DeployMessage) => void>()

  publish(message: DeployMessage): void {
    this.messages.push(message)
    for (const listener of this.#listeners) listener(message)
  }
  subscribe(listener: (message: DeployMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  /** The statuses of one callback's builds, in order. */
  statuses(callbackId: number): string[] {
    return this.messages.flatMap((message) =>
      message.type === 'status' && message.callback_id === callbackId ? [message.status] : [],
    )
  }
}

interface Setup {
  store?: Store
  runtimes?: FakeRuntimes
  owner?: string
  buildConcurrency?: number
  buildTimeoutMs?: number
  npmRegistry?: string
}

/** A deploy side on the real store, with runtimes and serving made up. */
export class DeployFixture implements AsyncDisposable {
  readonly store: Store
  readonly runtimes: FakeRuntimes
  readonly activation = new FakeActivation()
  readonly feed = new FakeFeed()
  readonly deployer: BuildingDeployer
  readonly logged: string[] = []
  readonly #dataDir: string
  readonly #ownsStore: boolean

  private constructor(setup: Setup, store: Store, dataDir: string) {
    this.store = store
    this.#ownsStore = setup.store === undefined
    this.#dataDir = dataDir
    this.runtimes = setup.runtimes ?? new FakeRuntimes('isolate')
    const options: DeployerOptions = {
      config: {
        dataDir,
        buildConcurrency: setup.buildConcurrency ?? 2,
        buildTimeoutMs: setup.buildTimeoutMs ?? 30_000,
        npmRegistry: setup.npmRegistry ?? null,
        buildCaFile: null,
      },
      store,
      feed: this.feed,
      owner: setup.owner ?? `${hostname()}:${process.pid}:${crypto.randomUUID()}`,
      runtimes: this.runtimes,
      activation: this.activation,
      env: process.env,
      log: (level, message, fields) => this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
    }
    this.deployer = createDeployer(options)
  }

  static async start(setup: Setup = {}): Promise<DeployFixture> {
    const store = setup.store ?? (await openStore({ url: ':memory:', authToken: null }))
    return new DeployFixture(setup, store, await mkdtemp(path.join(tmpdir(), 'faas-deploy-')))
  }

  /** A callback with this code, on a path of its own. */
  callback(code: string, more: Partial<CallbackInput> = {}): Promise<Callback> {
    return this.store.callbacks.create({
      path: `p/${crypto.randomUUID()}`,
      method: 'GET',
      type: 'node',
      code,
      library: null,
      env: {},
      chat_id: null,
      limits: {},
      response_mode: 'proxy',
      ...more,
    })
  }

  /** Deploys and waits for the end of the build. */
  async deployed(callbackId: number, cType: CType = 'auto'): Promise<DeploymentRecord> {
    await this.deployer.deploy(callbackId, cType)
    await this.deployer.settled(callbackId, 30_000)
    const [newest] = await this.store.deployments.list(callbackId)
    return newest!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deployer[Symbol.asyncDispose]()
    if (this.#ownsStore) await this.store[Symbol.asyncDispose]()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}

/** Waits for something to come true, for a bounded time. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`it did not come true in time: ${what}`)
}

/** A door that work waits at until a test opens it. */
export class Gate {
  #open!: () => void
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })
  waiting = 0

  async pass(signal?: AbortSignal): Promise<void> {
    this.waiting++
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    await Promise.race([this.opened, aborted])
  }
  open(): void {
    this.#open()
  }
}
