import { BuildFailure } from '../../runtime/failures.ts'
import type { Build, StepTools } from '../build.ts'
import { parseRequirements } from '../library/requirements.ts'
import { parseLibrary } from '../library/spec.ts'

/** Checks what can be checked before anything runs: that something can run it, and its `library`. */
export async function validate(build: Build, tools: StepTools): Promise<void> {
  const { record } = build
  build.choice ??= await tools.runtimes.choose(record.type, build.cType)
  const { choice } = build
  if ('problem' in choice) {
    throw new BuildFailure({ code: 'runtime_unavailable', message: choice.problem, step: 'validate' })
  }
  if (record.library !== null) {
    if (record.type === 'node') parseLibrary(record.library)
    else parseRequirements(record.library)
  }
  if (record.runtime === choice.runtime) return
  await tools.store.deployments.progress(record.callback_id, record.version, { runtime: choice.runtime })
  build.record = { ...record, runtime: choice.runtime }
}
