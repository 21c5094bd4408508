import type { Build, StepTools } from '../build.ts'
import { parseLibrary } from '../library/spec.ts'

/** Installs the packages of a JavaScript callback, unless its runtime puts them into an image itself. */
export async function install(build: Build, tools: StepTools): Promise<void> {
  const { record, log, controller } = build
  if (record.type !== 'node' || record.library === null) return
  if (tools.runtimes.get(record.runtime)?.capabilities.library === 'image') return
  const spec = parseLibrary(record.library)
  if (Object.keys(spec.dependencies).length === 0) return
  const lock = await keptLock(build, tools)
  build.library = await tools.libraries.acquire(spec, lock, { signal: controller.signal, log: log.line })
}

/** While `library` is unchanged, what was installed once is installed again. */
async function keptLock({ record }: Build, { store }: StepTools): Promise<string | null> {
  const before = await store.deployments.withLibrary(record.callback_id, record.library!)
  if (before?.artifact == null) return null
  const artifact = await store.artifacts.get(before.artifact)
  const lock = artifact?.files['package-lock.json']
  return lock === undefined ? null : new TextDecoder().decode(lock)
}
