import type { Config, LogLevel } from '../config.ts'
import type { Artifact, DeploymentRecord } from '../domain/deployment.ts'
import type { CType, Language, RuntimeName } from '../domain/runtime-name.ts'
import type { Availability, Runtime } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'
import type { DeployFeed } from './deployer.ts'

/** Which runtime a deploy gets, and which others may be tried when its code does not fit the first. */
export type Choice =
  | { readonly runtime: RuntimeName; readonly fallbacks: readonly RuntimeName[] }
  | { readonly problem: string }

/** What the deploy side asks of the runtimes. */
export interface RuntimeChoices {
  get(name: RuntimeName): Runtime | undefined
  /** A `problem` is a sentence: what was looked for, and what to start. */
  choose(language: Language, cType: CType): Promise<Choice>
  /** The runtimes there could be, by name, with why one cannot be used where it cannot. */
  availability(): Promise<Record<string, Availability>>
}

/** What the deploy side asks of the side that serves calls. */
export interface Activation {
  /**
   * Starts one instance and keeps it warm.
   * @throws BootFailure, RuntimeUnavailable
   */
  boot(
    deployment: DeploymentRecord,
    artifact: Artifact,
    log: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** The build did not get through: what `boot` started for it ends. Harmless where nothing was started. */
  abandoned(deployment: DeploymentRecord): Promise<void>
  /** The route switches to it at once; calls under way end on the version they began on. */
  activated(deployment: DeploymentRecord): Promise<void>
  /** Stops routing and ends everything that runs for a callback; resolves when it is gone. */
  retired(callbackId: number, reason: 'undeployed' | 'deleted'): Promise<void>
}

/** What the deploy side is made of. */
export interface DeployerOptions {
  readonly config: Pick<
    Config,
    'dataDir' | 'buildConcurrency' | 'buildTimeoutMs' | 'npmRegistry' | 'buildCaFile'
  >
  readonly store: Store
  readonly feed: DeployFeed
  /** This process: `hostname:pid:nonce`. */
  readonly owner: string
  readonly runtimes: RuntimeChoices
  readonly activation: Activation
  /** The gateway's environment: PATH, proxies and certificates are handed on to npm, nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: (
    level: Exclude<LogLevel, 'silent'>,
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void
}
