import type { Artifact, BuildError, BuildStep, DeploymentRecord } from '../domain/deployment.ts'
import type { CType } from '../domain/runtime-name.ts'
import type { BuildLog } from './build-log.ts'
import type { Bundler } from './bundle/bundler.ts'
import type { Library, LibraryStore } from './library/library.ts'
import type { Choice, DeployerOptions } from './ports.ts'
import type { KeyedLock } from './queue.ts'

/** Why a build is ended before its time. */
export type StopReason = 'timeout' | 'shutdown' | 'removed'

/** What a build's signal aborts with. */
export class BuildStopped extends Error {
  override readonly name = 'BuildStopped'
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(`The build was stopped: ${reason}`)
    this.reason = reason
  }
}

/** The build ended without a verdict of its own: its record is gone, or another gateway has taken it over. */
export class BuildSuperseded extends Error {
  override readonly name = 'BuildSuperseded'
}

/** One build under way; the steps fill it in, one after the other. */
export interface Build {
  record: DeploymentRecord
  readonly cType: CType
  readonly log: BuildLog
  readonly controller: AbortController
  /** What `validate` settles, unless the deploy has settled it already. */
  choice: Choice | null
  /** What `install` provides; null without dependencies. */
  library: Library | null
  /** What `bundle` makes. */
  artifact: Artifact | null
  timings: Partial<Record<BuildStep | 'total', number>>
  /** `performance.now()` when it began, and when its present step did. */
  started: number
  stepStarted: number
}

/** What the steps work with. */
export interface StepTools extends DeployerOptions {
  readonly bundler: Bundler
  readonly libraries: LibraryStore
  /** One change of what serves a callback at a time. */
  readonly serving: KeyedLock
}

/** One step of a build. Throws `BuildFailure` when the author or the operator has to act. */
export type Step = (build: Build, tools: StepTools) => Promise<void>

/** The timings with those of the present step and the whole so far. */
export function timingsNow(build: Build): Build['timings'] {
  const now = performance.now()
  const round = (from: number) => Math.round((now - from) * 10) / 10
  return { ...build.timings, [build.record.step]: round(build.stepStarted), total: round(build.started) }
}

/** A failed build in one line: the place in the author's source where there is one, and the sentence. */
export function failureLine(error: BuildError): string {
  return error.file === undefined
    ? error.message
    : `${error.file}:${error.line ?? 1}:${error.column ?? 1}: ${error.message}`
}
