import type { Deployer, DeployFeed, DeployMessage } from '../../src/deploy/deployer.ts'
import type { Callback } from '../../src/domain/callback.ts'
import type { LogLine } from '../../src/domain/outcome.ts'
import type { CType } from '../../src/domain/runtime-name.ts'
import { GatewayError } from '../../src/errors.ts'
import type { Invoker, Peer } from '../../src/invoke/invoker.ts'
import type { Observer } from '../../src/observe/observer.ts'
import { BuildRunning, type Store } from '../../src/store/store.ts'

// Small stand-ins for the parts below the HTTP layer. They keep what they promise, in the store and in memory.

/** A deployer whose builds end when the test says so; everything else is the store's own. */
export interface FakeDeployer extends Deployer {
  readonly asked: CType[]
  /** Ends the open build of a callback well. */
  finish(callbackId: number): Promise<void>
}

export function fakeDeployer(store: Store): FakeDeployer {
  const asked: CType[] = []
  const waiting = new Map<number, { version: number; ended: PromiseWithResolvers<void> }>()
  const known = async (id: number): Promise<Callback> => {
    const callback = await store.callbacks.get(id)
    if (callback === null) throw new GatewayError('not_found', `Cannot deploy: callback ${id} does not exist`)
    return callback
  }
  const running = (id: number) =>
    new GatewayError('build_running', `Cannot deploy: callback ${id} is being built`)
  return {
    asked,
    async deploy(id, c_type) {
      await known(id)
      if (c_type === 'docker')
        throw new GatewayError('runtime_unavailable', 'Cannot deploy: no Docker engine')
      asked.push(c_type)
      const as = { runtime: 'isolate', c_type, owner: 'fake', lease_until: Date.now() + 60_000 } as const
      const opened = await store.deployments.open(id, as).catch((error: unknown) => {
        throw error instanceof BuildRunning ? running(id) : error
      })
      waiting.set(id, { version: opened.version, ended: Promise.withResolvers() })
      return known(id)
    },
    async undeploy(id) {
      await known(id)
      return store.deployments.retire(id)
    },
    async remove(id) {
      await known(id)
      await store.callbacks.delete(id).catch((error: unknown) => {
        if (!(error instanceof BuildRunning)) throw error
        throw new GatewayError('delete_while_building', `Cannot delete callback ${id}: it is being built`)
      })
    },
    removeForced: (id) => store.callbacks.delete(id, { force: true }),
    async settled(id, ms) {
      const build = waiting.get(id)
      if (build === undefined) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, ms)
      await Promise.race([build.ended.promise, promise])
      clearTimeout(timer)
    },
    async finish(id) {
      const build = waiting.get(id)
      if (build === undefined) throw new Error(`callback ${id} is not being built`)
      await store.deployments.activate(id, build.version, 'fake', { total: 1 })
      waiting.delete(id)
      build.ended.resolve()
    },
  }
}

/** A feed in memory; `listeners` tells whether anyone still listens. */
export function fakeFeed(): DeployFeed & { readonly listeners: number } {
  const listeners = new Set<(message: DeployMessage) => void>()
  return {
    publish: (message) => {
      for (const listener of listeners) listener(message)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get listeners() {
      return listeners.size
    },
  }
}

/** One call as the fake invoker got it. */
export interface FakeCall {
  readonly method: string
  readonly path: string
  readonly peer: Peer
  readonly only: string | undefined
}

/** An invoker that writes down what it was asked and answers 200 with it. */
export function fakeInvoker(): Invoker & { readonly calls: FakeCall[] } {
  const calls: FakeCall[] = []
  return {
    calls,
    async call(request, path, peer, only) {
      const call = { method: request.method, path, peer, only }
      calls.push(call)
      return Response.json(call, { headers: { 'x-request-id': 'of-the-invoker' } })
    },
  }
}

/** An observer that keeps lines until it is flushed, and then writes them to the store. */
export function fakeObserver(store: Store): Observer & { readonly followers: number } {
  let lines: LogLine[] = []
  const followers = new Set<{ id: number; listener: (line: LogLine) => void }>()
  return {
    samples: () => true,
    invocation() {},
    exit() {},
    log(line) {
      lines.push(line)
      for (const { id, listener } of followers) if (id === line.callback_id) listener(line)
    },
    async flush() {
      const batch = lines
      lines = []
      if (batch.length > 0) await store.records.addLogs(batch)
    },
    follow(id, listener) {
      const follower = { id, listener }
      followers.add(follower)
      return () => followers.delete(follower)
    },
    get followers() {
      return followers.size
    },
    async [Symbol.asyncDispose]() {},
  }
}
