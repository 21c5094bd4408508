import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'
import type { Config } from './config.ts'
import { createDeployer } from './deploy/pipeline.ts'
import { createEgress } from './egress/egress.ts'
import { keepHouse } from './housekeeping.ts'
import { createApp, createFetch } from './http/app.ts'
import type { AppDeps } from './http/deps.ts'
import { createInvoker } from './invoke/dispatch.ts'
import { recordCalls } from './invoke/record.ts'
import { Targets } from './invoke/targets.ts'
import { createObserver } from './observe/batching.ts'
import { countBuilds } from './observe/build-metrics.ts'
import { createFeed } from './observe/feed.ts'
import type { Log } from './observe/log.ts'
import { createMetrics } from './observe/metrics.ts'
import { createRegistry } from './runtime/registry.ts'
import type { Availability, Runtime } from './runtime/runtime.ts'
import { openStore } from './store/libsql/open.ts'
import type { Store } from './store/store.ts'

/** What differs between the hosts, and what tests replace. */
export interface Host {
  readonly upgradeWebSocket: AppDeps['upgradeWebSocket']
  readonly peer: AppDeps['peer']
  readonly log: Log
  readonly version: string
  readonly runtimes: (config: Config, log: (message: string) => void) => Promise<Runtime[]>
  readonly store?: (config: Config) => Promise<Store>
}

/** A gateway: a function from Request to Response, and an end. */
export interface Gateway extends AsyncDisposable {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>
  /** Where the data is, for people. */
  readonly location: string
  /** @param withinMs how long runtimes that are still starting are waited for */
  readonly runtimes: (withinMs?: number) => Promise<Record<string, Availability>>
  /** From now on nothing new is taken: calls get 503. */
  drain(): void
}

/** What is kept per callback. */
const BOUNDS = { invocations: 1000, logs: 2000, exits: 200 }

/**
 * Puts the parts together. Resolves when the store is open and the routes are loaded; runtimes start behind.
 * @throws StoreError when the database cannot be used
 */
export async function createGateway(config: Config, host: Host): Promise<Gateway> {
  const log = host.log.write
  const store = await (host.store ?? defaultStore)(config)
  const registry = createRegistry(await host.runtimes(config, (message) => log('warn', message, {})))
  const observer = createObserver({ store: store.records, bounds: BOUNDS, log })
  const metrics = createMetrics({ version: host.version, gauges: () => targets.gauges() })
  const feed = createFeed()
  countBuilds(feed, metrics)
  let draining = false

  const targets = new Targets({
    store,
    registry,
    observer,
    egress: createEgress({ policy: config.egress, allow: config.egressAllow }),
    capacity: { maxInstances: config.maxInstances, memoryMb: config.isolateMemoryMb },
    queueLimit: config.queueLimit,
    onLeftover: ({ callback_id, version, runtime }, error) =>
      log('warn', `What ${runtime} kept of a version could not be removed`, {
        callback_id,
        version,
        error: String(error),
      }),
    onStart: ({ name, deployment }, ok, ms) => metrics.started(name, deployment.runtime, ok, ms / 1000),
    onExit: ({ name, deployment }, reason) => metrics.exited(name, deployment.runtime, reason),
  })
  await targets.reload()

  const deployer = createDeployer({
    config,
    store,
    feed,
    env: process.env,
    owner: `${hostname()}:${process.pid}:${randomUUID()}`,
    runtimes: registry,
    activation: {
      boot: (deployment, artifact) => targets.boot(deployment, artifact),
      abandoned: (deployment) => targets.abandon(deployment),
      activated: async (deployment) => targets.activated(deployment),
      retired: async (callbackId, reason) => {
        const name = await targets.retired(callbackId, `it was ${reason}`)
        if (reason === 'deleted' && name !== null) metrics.forget(name)
      },
    },
    log,
  })
  const invoker = createInvoker({
    targets,
    body: { maxBytes: config.maxCallBodyBytes, idleMs: config.bodyTimeoutMs },
    recorded: recordCalls(metrics, observer),
    draining: () => draining,
    sourceMapOf: (target) => targets.sourceMap(target),
    onError: (error, requestId) =>
      log('error', 'a call failed inside the gateway', { request_id: requestId, error: String(error) }),
  })
  const deps: AppDeps = {
    config,
    store,
    deployer,
    feed,
    invoker,
    observer,
    instances: (callbackId) => targets.instances(callbackId),
    runtimes: () => registry.availability(),
    metrics: () => metrics.text(),
    upgradeWebSocket: host.upgradeWebSocket,
    peer: host.peer,
    draining: () => draining,
    log,
    version: host.version,
  }
  const app = createApp(deps)
  const stopKeeping = await keepHouse({ store, targets, deployer, registry, log })

  return {
    fetch: createFetch(app, deps),
    location: store.location,
    runtimes: (withinMs) => registry.availability(withinMs),
    drain: () => {
      draining = true
    },
    async [Symbol.asyncDispose]() {
      draining = true
      stopKeeping()
      await deployer[Symbol.asyncDispose]()
      await targets[Symbol.asyncDispose]()
      await registry[Symbol.asyncDispose]()
      await observer[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

function defaultStore(config: Config): Promise<Store> {
  return openStore({ url: config.dbUrl, authToken: config.dbAuthToken })
}
