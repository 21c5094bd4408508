import type { Method, ResponseMode } from './callback.ts'
import type { Limits } from './limits.ts'
import type { Language, RuntimeName } from './runtime-name.ts'

/** The steps of a build, in order. A deployment's record names the last one it entered. */
export const BUILD_STEPS = ['validate', 'install', 'bundle', 'boot', 'activate'] as const
export type BuildStep = (typeof BUILD_STEPS)[number]

export const DEPLOYMENT_STATUSES = ['build', 'active', 'failed', 'retired'] as const
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number]

/** One immutable, numbered version of a callback made ready to run on one runtime. */
export interface Deployment {
  readonly callback_id: number
  /** Counts up per callback, never reused. */
  readonly version: number
  readonly runtime: RuntimeName
  readonly path: string
  readonly method: Method
  readonly type: Language
  readonly code: string
  readonly library: string | null
  readonly env: Readonly<Record<string, string>>
  readonly limits: Limits
  readonly response_mode: ResponseMode
  /** Where the artifact lies in the artifact store; null until the bundle step has ended. */
  readonly artifact: string | null
}

/** Why a build failed, in the author's own coordinates where there are any. */
export interface BuildError {
  readonly code: string
  readonly message: string
  readonly step: BuildStep
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  readonly stack?: string
}

/** A deployment with what became of its build: a row of GET /callbacks/{id}/deployments. */
export interface DeploymentRecord extends Deployment {
  readonly status: DeploymentStatus
  readonly step: BuildStep
  readonly error: BuildError | null
  /** Milliseconds each finished step took. */
  readonly timings: Readonly<Partial<Record<BuildStep | 'total', number>>>
  /** The gateway process that builds it, and until when that claim holds (epoch ms). */
  readonly owner: string
  readonly lease_until: number
  readonly created_at: string
  readonly finished_at: string | null
}

/**
 * What `prepare` made: named files, content-addressed, enough to start an instance anywhere.
 * `javascript`: `main.js` (an ES module) and `main.js.map`; with a library also `package-lock.json`.
 */
export interface Artifact {
  readonly kind: 'javascript' | 'image' | 'source'
  /** SHA-256 in hex over kind and files. */
  readonly digest: string
  readonly files: Readonly<Record<string, Uint8Array>>
  /** `image`: the image's name. */
  readonly reference?: string
}
