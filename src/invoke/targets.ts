import type { Artifact, DeploymentRecord } from '../domain/deployment.ts'
import { type ResolvedLimits, resolveLimits } from '../domain/limits.ts'
import { createMatcher, type Match } from '../domain/matcher.ts'
import type { ExitReason } from '../domain/outcome.ts'
import { routeKey } from '../domain/route.ts'
import type { FunctionGauge } from '../observe/function-metrics.ts'
import type { InstanceView, Observer } from '../observe/observer.ts'
import { Capacity, type CapacityLimits } from '../runtime/capacity.ts'
import { Pool } from '../runtime/pool.ts'
import type { Registry } from '../runtime/registry.ts'
import type { Egress, Instance } from '../runtime/runtime.ts'
import type { Slot } from '../runtime/slot.ts'
import type { Store } from '../store/store.ts'
import { type ArtifactCache, createArtifactCache } from './artifact-cache.ts'

/** A deployment that serves: what a matched route leads to. */
export interface Target {
  readonly deployment: DeploymentRecord
  readonly limits: ResolvedLimits
  readonly pool: Pool
  /** For messages and metrics: the callback's path. */
  readonly name: string
}

/** What targets are made of. */
export interface TargetOptions {
  readonly store: Store
  readonly registry: Registry
  readonly observer: Observer
  readonly egress: (limits: ResolvedLimits) => Egress
  readonly capacity: CapacityLimits
  readonly queueLimit: number
  /** What a deployment left outside of the gateway could not be removed. */
  readonly onLeftover: (deployment: DeploymentRecord, error: unknown) => void
  readonly onStart?: (target: Target, ok: boolean, ms: number) => void
  readonly onExit?: (target: Target, reason: ExitReason) => void
}

const ARTIFACT_BYTES = 128 * 1_048_576
const REAP_EVERY = 200
/** Runtimes whose instances share the memory of FAAS_ISOLATE_MEMORY_MB. */
const BUDGETED: ReadonlySet<string> = new Set(['isolate', 'worker'])
/** How long calls in flight may go on once their callback is undeployed or deleted. Milliseconds. */
const UNDEPLOY_GRACE = 5000
/** What a replaced deployment gets beyond its own time limit, for queueing and streams that still flow. */
const REPLACE_GRACE = 30_000

/** The routes in memory and the pools behind them: rebuilt from the store, changed one deployment at a time. */
export class Targets implements AsyncDisposable {
  readonly capacity: Capacity
  readonly #options: TargetOptions
  readonly #artifacts: ArtifactCache
  readonly #matcher = createMatcher<Target>()
  readonly #active = new Map<number, Target>()
  readonly #routes = new Map<string, Target>()
  /** Every pool, those of replaced deployments that still have instances included. */
  readonly #pools = new Map<Pool, Target>()
  readonly #booted = new Map<string, Target>()
  readonly #reaper: ReturnType<typeof setInterval>
  #nextId = 1

  constructor(options: TargetOptions) {
    this.#options = options
    this.#artifacts = createArtifactCache(options.store.artifacts, ARTIFACT_BYTES)
    this.capacity = new Capacity(options.capacity)
    this.#reaper = setInterval(() => this.#reap(), REAP_EVERY)
    unref(this.#reaper)
  }

  match(rawPath: string, method: string): Match<Target> {
    return this.#matcher.match(rawPath, method)
  }

  /** How busy each deployment that serves is, for metrics. */
  *gauges(): Iterable<FunctionGauge> {
    for (const { name, pool, limits } of this.#active.values()) {
      let inFlight = 0
      for (const slot of pool.slots) inFlight += slot.inFlight
      const capacity = limits.concurrency * limits.max_instances
      yield { name, instances: pool.slots.size, inFlight, queued: pool.waiting, capacity }
    }
  }

  /** Starts one instance of a deployment that does not serve yet; it waits for `activated`. @throws BootFailure, RuntimeUnavailable */
  async boot(deployment: DeploymentRecord, artifact: Artifact): Promise<void> {
    this.#artifacts.put(artifact)
    const target = this.#make(deployment)
    const key = keyOf(deployment)
    this.#booted.set(key, target)
    try {
      await target.pool.boot()
    } catch (error) {
      this.#booted.delete(key)
      this.#retire(target, 'replaced', 'its build failed', 0)
      throw error
    }
  }

  /** Gives up what `prepare` and `boot` made for a build that did not get through. */
  async abandon(deployment: DeploymentRecord): Promise<void> {
    const target = this.#booted.get(keyOf(deployment))
    this.#booted.delete(keyOf(deployment))
    if (target === undefined) await this.#discard(deployment)
    else await this.#retire(target, 'replaced', 'its build was given up', 0)
  }

  /** Routes lead to this deployment from now on; calls on the one before it finish there. */
  activated(deployment: DeploymentRecord): void {
    const target = this.#booted.get(keyOf(deployment)) ?? this.#make(deployment)
    this.#booted.delete(keyOf(deployment))
    const before = this.#active.get(deployment.callback_id)
    this.#active.set(deployment.callback_id, target)
    this.#route(target)
    if (before !== undefined) {
      this.#unroute(before)
      void this.#retire(
        before,
        'replaced',
        `version ${deployment.version} serves now`,
        before.limits.timeout_ms + REPLACE_GRACE,
      )
    }
    target.pool.fill()
  }

  /**
   * No route leads to the callback any more; resolves when everything that ran for it is gone, with the name
   * that it had.
   */
  async retired(callbackId: number, detail: string): Promise<string | null> {
    const target = this.#active.get(callbackId)
    this.#active.delete(callbackId)
    if (target !== undefined) this.#unroute(target)
    const own = [...this.#pools.values()].filter((entry) => entry.deployment.callback_id === callbackId)
    await Promise.all(own.map((entry) => this.#retire(entry, 'undeployed', detail, UNDEPLOY_GRACE)))
    return target?.name ?? null
  }

  /** Takes over what the store says: at start, and when another replica changed it. */
  async reload(): Promise<void> {
    const records = await this.#options.store.deployments.active()
    const current = new Set<number>()
    for (const record of records) {
      current.add(record.callback_id)
      const known = this.#active.get(record.callback_id)
      if (known === undefined || known.deployment.version < record.version) this.activated(record)
    }
    for (const id of [...this.#active.keys()]) {
      if (!current.has(id)) void this.retired(id, 'it was undeployed')
    }
  }

  /** The source map of what a target runs; null where there is none. */
  async sourceMap(target: Target): Promise<string | null> {
    const artifact = await this.#artifacts.get(target.deployment.artifact ?? '')
    const map = artifact.files['main.js.map']
    return map === undefined ? null : new TextDecoder().decode(map)
  }

  instances(callbackId: number): InstanceView[] {
    const now = Date.now()
    const views: InstanceView[] = []
    for (const [pool, target] of this.#pools) {
      const { deployment } = target
      if (deployment.callback_id !== callbackId) continue
      for (const slot of pool.slots)
        views.push(slot.view(callbackId, deployment.version, deployment.runtime, now))
    }
    return views
  }

  /** Ends everything: calls in flight get `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    await Promise.all(
      [...this.#pools.values()].map((target) =>
        this.#retire(target, 'shutdown', 'the gateway shut down', graceMs),
      ),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#reaper)
    await this.drain(0)
  }

  #route(target: Target): void {
    const { path, method } = target.deployment
    this.#routes.set(routeOf(target), target)
    this.#matcher.add({ path, method, value: target })
  }

  /** Another callback may have taken the route since: then it stays. */
  #unroute(target: Target): void {
    if (this.#routes.get(routeOf(target)) !== target) return
    this.#routes.delete(routeOf(target))
    this.#matcher.remove(target.deployment.path, target.deployment.method)
  }

  async #retire(
    target: Target,
    reason: 'replaced' | 'undeployed' | 'shutdown',
    detail: string,
    graceMs: number,
  ): Promise<void> {
    await target.pool.retire(reason, detail, graceMs)
    this.#pools.delete(target.pool)
    if (reason !== 'shutdown') await this.#discard(target.deployment)
  }

  async #discard(deployment: DeploymentRecord): Promise<void> {
    try {
      await this.#options.registry.get(deployment.runtime)?.discard?.(deployment)
    } catch (error) {
      this.#options.onLeftover(deployment, error)
    }
  }

  #reap(): void {
    void this.capacity.reap(Date.now())
  }

  #make(deployment: DeploymentRecord): Target {
    const limits = resolveLimits(deployment.limits)
    const pool: Pool = new Pool({
      name: deployment.path,
      callbackId: deployment.callback_id,
      limits,
      queueLimit: this.#options.queueLimit,
      capacity: this.capacity,
      budgeted: BUDGETED.has(deployment.runtime),
      newId: () => `${deployment.callback_id}-${deployment.version}-${(this.#nextId++).toString(36)}`,
      start: (id, signal) => this.#start(target, id, signal),
      onStart: (ok, ms) => this.#options.onStart?.(target, ok, ms),
      onExit: (slot, exit) => this.#exited(target, slot, exit),
    })
    const target: Target = { deployment, limits, pool, name: deployment.path }
    this.#pools.set(pool, target)
    return target
  }

  async #start(target: Target, id: string, signal: AbortSignal): Promise<Instance> {
    const { deployment, limits } = target
    const runtime = this.#options.registry.get(deployment.runtime)
    if (runtime === undefined)
      throw new Error(`this gateway has no ${deployment.runtime} runtime: deploy the callback again`)
    const artifact = await this.#artifacts.get(deployment.artifact ?? '')
    return runtime.start(deployment, {
      id,
      artifact,
      limits,
      signal,
      egress: this.#options.egress(limits),
      log: (line) =>
        this.#options.observer.log({
          callback_id: deployment.callback_id,
          version: deployment.version,
          instance_id: id,
          request_id: line.request_id,
          level: line.level,
          time: new Date(line.time).toISOString(),
          message: line.message,
        }),
    })
  }

  #exited(target: Target, slot: Slot, exit: Awaited<Instance['exited']>): void {
    const { deployment } = target
    this.#options.onExit?.(target, exit.reason)
    this.#options.observer.exit({
      ...exit,
      instance_id: slot.id,
      callback_id: deployment.callback_id,
      version: deployment.version,
      runtime: deployment.runtime,
      last_request_id: slot.lastRequestId,
      requests: slot.requests,
      started_at: new Date(slot.startedAt).toISOString(),
      ended_at: new Date().toISOString(),
    })
  }
}

function routeOf(target: Target): string {
  return `${target.deployment.method} ${routeKey(target.deployment.path)}`
}

function keyOf(deployment: DeploymentRecord): string {
  return `${deployment.callback_id}:${deployment.version}`
}

function unref(timer: ReturnType<typeof setInterval>): void {
  if (typeof timer === 'object') timer.unref()
}
