import type { Callback } from '../domain/callback.ts'
import type { DeploymentRecord } from '../domain/deployment.ts'
import type { CType, Language, RuntimeName } from '../domain/runtime-name.ts'
import { GatewayError } from '../errors.ts'
import { BuildRunning, NotFound } from '../store/store.ts'
import { type Build, BuildStopped, type StepTools, type StopReason } from './build.ts'
import { BuildLog } from './build-log.ts'
import { createBundler } from './bundle/bundler.ts'
import type { Deployer } from './deployer.ts'
import { createLibraryStore } from './library/library.ts'
import type { Choice, DeployerOptions } from './ports.ts'
import { BuildQueue, KeyedLock } from './queue.ts'
import { LEASE_MS, RENEW_MS, takeOverLostBuilds } from './recovery.ts'
import { runBuild } from './run-build.ts'

/** The deploy side of the gateway. */
export type BuildingDeployer = Deployer &
  AsyncDisposable & {
    /** Takes up the builds of dead owners, now and from time to time. Resolves when those of now are queued. */
    recover(): Promise<void>
    /** Loads what the first build needs, ahead of it. */
    warm(): Promise<void>
  }

/** Creates the deploy side. */
export function createDeployer(options: DeployerOptions): BuildingDeployer {
  return new Builds(options)
}

/** What a deployment is recorded under until something that can run it is found. */
const WISHED: Record<Language, RuntimeName> = { node: 'isolate', python: 'docker' }

/** How often the end of another gateway's build is looked for. Milliseconds. */
const POLL_MS = 200

interface Running {
  readonly build: Build
  readonly ended: Promise<void>
}

class Builds implements BuildingDeployer {
  readonly #tools: StepTools
  readonly #queue: BuildQueue
  readonly #running = new Map<number, Running>()
  /** Deploys whose build is being written down. */
  readonly #opening = new Set<Promise<Callback>>()
  #heartbeat: ReturnType<typeof setInterval> | null = null
  #beat: Promise<void> = Promise.resolve()
  #recovering = false
  #stopping = false

  constructor(options: DeployerOptions) {
    this.#tools = {
      ...options,
      bundler: createBundler(),
      libraries: createLibraryStore(options),
      serving: new KeyedLock(),
    }
    this.#queue = new BuildQueue(options.config.buildConcurrency)
  }

  async deploy(callbackId: number, cType: CType): Promise<Callback> {
    const { store, runtimes, owner } = this.#tools
    if (this.#stopping)
      throw new GatewayError('draining', 'The gateway is shutting down and takes no deploys')
    const callback = await this.#callback(callbackId)
    const choice = await runtimes.choose(callback.type, cType)
    if ('problem' in choice && cType !== 'auto') {
      throw new GatewayError('runtime_unavailable', choice.problem, { callback_id: callbackId })
    }
    const runtime = 'problem' in choice ? WISHED[callback.type] : choice.runtime
    const lease_until = Date.now() + LEASE_MS
    const opening = this.#translated<Callback>(callbackId, async () => {
      const record = await store.deployments.open(callbackId, { runtime, c_type: cType, owner, lease_until })
      const opened = await store.callbacks.get(callbackId)
      this.#start(record, cType, choice)
      return opened ?? { ...callback, status: 'build', c_type: cType }
    })
    this.#opening.add(opening)
    return opening.finally(() => this.#opening.delete(opening))
  }

  async undeploy(callbackId: number): Promise<Callback> {
    const { store, activation, serving } = this.#tools
    return serving.run(callbackId, async () => {
      const callback = await this.#translated(callbackId, () => store.deployments.retire(callbackId))
      await activation.retired(callbackId, 'undeployed')
      return callback
    })
  }

  remove(callbackId: number): Promise<void> {
    return this.#delete(callbackId, false)
  }

  async removeForced(callbackId: number): Promise<void> {
    await this.#stop(callbackId, 'removed')
    await this.#delete(callbackId, true)
  }

  async settled(callbackId: number, ms: number): Promise<void> {
    const until = Date.now() + ms
    for (;;) {
      const ours = this.#running.get(callbackId)
      if (ours !== undefined) await within(ours.ended, until - Date.now())
      else if ((await this.#tools.store.callbacks.get(callbackId))?.status !== 'build') return
      else await within(new Promise(() => {}), Math.min(POLL_MS, until - Date.now()))
      if (Date.now() >= until) return
    }
  }

  async recover(): Promise<void> {
    this.#recovering = true
    this.#keepBeating()
    await this.#takeOver(true)
  }

  warm(): Promise<void> {
    return this.#tools.bundler.warm()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    await this.#beat
    await Promise.allSettled(this.#opening)
    await Promise.all([...this.#running.keys()].map((id) => this.#stop(id, 'shutdown')))
    await this.#tools.bundler[Symbol.asyncDispose]()
  }

  async #callback(callbackId: number): Promise<Callback> {
    const callback = await this.#tools.store.callbacks.get(callbackId)
    if (callback === null) throw notFound(callbackId)
    return callback
  }

  #start(record: DeploymentRecord, cType: CType, choice: Choice | null): void {
    const { callback_id, version } = record
    const { store, feed, log } = this.#tools
    const append = (lines: readonly string[]) =>
      store.deployments.appendLog(callback_id, version, lines).catch((error: unknown) => {
        log('warn', 'Lines of a build log could not be kept', { callback_id, version, error })
      })
    const build: Build = {
      record,
      cType,
      choice,
      log: new BuildLog(callback_id, feed, append),
      controller: new AbortController(),
      library: null,
      artifact: null,
      timings: {},
      started: performance.now(),
      stepStarted: performance.now(),
    }
    feed.publish({ type: 'status', callback_id, status: 'start', message: `Deploying version ${version}` })
    const ended = this.#queue.add(callback_id, () => runBuild(build, this.#tools), build.controller.signal)
    const running: Running = { build, ended }
    this.#running.set(callback_id, running)
    void ended.then(() => {
      if (this.#running.get(callback_id) === running) this.#running.delete(callback_id)
    })
    // The gateway began to stop while the build was being opened: it stays open, for the next.
    if (this.#stopping) build.controller.abort(new BuildStopped('shutdown'))
    else this.#keepBeating()
  }

  async #stop(callbackId: number, reason: StopReason): Promise<void> {
    const running = this.#running.get(callbackId)
    running?.build.controller.abort(new BuildStopped(reason))
    await running?.ended
  }

  async #delete(callbackId: number, force: boolean): Promise<void> {
    const { store, activation, serving } = this.#tools
    await serving.run(callbackId, async () => {
      try {
        await store.callbacks.delete(callbackId, { force })
      } catch (error) {
        if (error instanceof NotFound) throw notFound(callbackId)
        if (!(error instanceof BuildRunning)) throw error
        throw new GatewayError(
          'delete_while_building',
          `Cannot delete callback ${callbackId}: it is being built; wait for the build to end`,
          { callback_id: callbackId },
        )
      }
      await activation.retired(callbackId, 'deleted')
    })
  }

  async #translated<T>(callbackId: number, write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (error instanceof NotFound) throw notFound(callbackId)
      if (!(error instanceof BuildRunning)) throw error
      throw new GatewayError(
        'build_running',
        `A build of callback ${callbackId} is running: wait for it to end, then try again`,
        { callback_id: callbackId },
      )
    }
  }

  #keepBeating(): void {
    if (this.#heartbeat !== null || this.#stopping) return
    this.#heartbeat = setInterval(() => {
      this.#beat = this.#beat.then(() => this.#renew())
    }, RENEW_MS)
    this.#heartbeat.unref?.()
  }

  /** Says that the builds of this gateway go on, and looks for those of gateways that do not. */
  async #renew(): Promise<void> {
    const { store, log } = this.#tools
    for (const { build } of this.#running.values()) {
      const { callback_id, version } = build.record
      try {
        await store.deployments.progress(callback_id, version, { lease_until: Date.now() + LEASE_MS })
      } catch (error) {
        log('warn', 'The lease of a build could not be renewed', { callback_id, version, error })
      }
    }
    if (this.#recovering && !this.#stopping) await this.#takeOver(false)
  }

  async #takeOver(starting: boolean): Promise<void> {
    try {
      const isOurs = (callbackId: number) => this.#running.has(callbackId)
      for (const { record, cType } of await takeOverLostBuilds(this.#tools, isOurs, starting)) {
        if (!isOurs(record.callback_id)) this.#start(record, cType, null)
      }
    } catch (error) {
      this.#tools.log('error', 'Lost builds could not be looked for', { error })
    }
  }
}

function notFound(callbackId: number): GatewayError {
  return new GatewayError('not_found', `There is no callback ${callbackId}`, { callback_id: callbackId })
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, Math.max(0, ms))
  await Promise.race([work, promise])
  clearTimeout(timer)
}
