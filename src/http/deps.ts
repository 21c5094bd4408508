import type { Context } from 'hono'
import type { UpgradeWebSocket } from 'hono/ws'
import type { Config } from '../config.ts'
import type { Deployer, DeployFeed } from '../deploy/deployer.ts'
import type { Invoker, Peer } from '../invoke/invoker.ts'
import type { InstanceView, Observer } from '../observe/observer.ts'
import type { Availability } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What the host's server passes beside a request; on the hot path there is no more of a context than this. */
export type HostContext = Pick<Context, 'env'>

/** Everything the HTTP layer needs from the rest of the gateway and from its host. */
export interface AppDeps {
  readonly config: Config
  readonly store: Store
  readonly deployer: Deployer
  readonly feed: DeployFeed
  readonly invoker: Invoker
  readonly observer: Observer
  /** The live instances of one callback. */
  instances(callbackId: number): InstanceView[]
  /** Per runtime: can it be used, and why not. */
  runtimes(): Promise<Record<string, Availability>>
  /** Prometheus text. */
  metrics(): string | Promise<string>
  /** The host's own: of `@hono/node-server` or of `hono/deno`. */
  readonly upgradeWebSocket: UpgradeWebSocket
  /** Who is at the other end; host specific. */
  peer(host: HostContext): Peer
  /** The gateway is shutting down: nothing new is begun, streams end. */
  draining(): boolean
  log(level: LogLevel, message: string, fields: Record<string, unknown>): void
  readonly version: string
}

/** What the middleware leaves in the context for the handlers. */
export interface AppEnv {
  Variables: { requestId: string }
}
