import type { Artifact } from '../../domain/deployment.ts'
import type { RuntimeName } from '../../domain/runtime-name.ts'
import { BuildFailure } from '../../runtime/failures.ts'
import type { BuildContext } from '../../runtime/runtime.ts'
import type { Build, StepTools } from '../build.ts'

/**
 * Makes the artifact, on the chosen runtime or, where the caller left the choice, on the next that can take
 * code that needs more of Node than an isolate has.
 */
export async function bundle(build: Build, tools: StepTools): Promise<void> {
  const artifact = await prepareSomewhere(build, tools)
  build.controller.signal.throwIfAborted()
  await tools.store.artifacts.put(artifact)
  const { callback_id, version } = build.record
  await tools.store.deployments.progress(callback_id, version, { artifact: artifact.digest })
  build.artifact = artifact
  build.record = { ...build.record, artifact: artifact.digest }
}

async function prepareSomewhere(build: Build, tools: StepTools): Promise<Artifact> {
  const { choice, cType } = build
  if (choice === null || 'problem' in choice) throw new Error('the runtime is settled before the bundle step')
  const candidates = cType === 'auto' ? [choice.runtime, ...choice.fallbacks] : [choice.runtime]
  let misfit: BuildFailure | null = null
  for (const runtime of candidates) {
    if (misfit !== null) await moveTo(runtime, misfit, build, tools)
    try {
      return await prepare(build, tools)
    } catch (error) {
      if (!(error instanceof BuildFailure) || error.error.code !== 'builtin_unavailable') throw error
      misfit = error
    }
  }
  throw cType === 'auto' ? await nowhere(misfit!, build, tools) : misfit
}

async function moveTo(
  runtime: RuntimeName,
  why: BuildFailure,
  build: Build,
  tools: StepTools,
): Promise<void> {
  const { callback_id, version } = build.record
  build.log.line(`${why.message}; c_type auto goes on with ${runtime}`)
  await tools.store.deployments.progress(callback_id, version, { runtime })
  build.record = { ...build.record, runtime }
}

function prepare(build: Build, tools: StepTools): Promise<Artifact> {
  const { record, library, log, controller } = build
  const runtime = tools.runtimes.get(record.runtime)
  if (runtime === undefined) throw new Error(`there is no runtime ${record.runtime}`)
  const context: BuildContext = {
    signal: controller.signal,
    log: log.line,
    bundle: (deployment, target) =>
      tools.bundler.bundle(deployment, target, {
        libraryDir: library?.dir ?? null,
        lock: library?.lock ?? null,
        signal: controller.signal,
        log: log.line,
      }),
  }
  return runtime.prepare(record, context)
}

const WHOLE_NODE: readonly RuntimeName[] = ['docker', 'kube']

/** The code needs a whole Node, and there is none: says what was looked for and what to start. */
async function nowhere(misfit: BuildFailure, build: Build, tools: StepTools): Promise<BuildFailure> {
  const available = await tools.runtimes.availability()
  const looked = WHOLE_NODE.filter((name) => name !== build.record.runtime).flatMap((name) => {
    const state = available[name]
    return state === undefined || state.ready ? [] : [`${name} (${state.reason}: ${state.remedy})`]
  })
  const message =
    looked.length === 0
      ? misfit.message
      : `${misfit.message}. c_type auto looked for a runtime that can: ${looked.join(', ')}`
  return new BuildFailure({ ...misfit.error, message })
}
