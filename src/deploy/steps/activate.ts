import { type Build, BuildSuperseded, type StepTools, timingsNow } from '../build.ts'

/** Makes the new version the one that serves. */
export async function activate(build: Build, tools: StepTools): Promise<void> {
  const { store, activation, owner, log } = tools
  const { callback_id, version } = build.record
  await tools.serving.run(callback_id, async () => {
    build.controller.signal.throwIfAborted()
    build.timings = timingsNow(build)
    if (!(await store.deployments.activate(callback_id, version, owner, build.timings))) {
      // What was booted for a callback that is gone by now must not outlive it.
      if ((await store.callbacks.get(callback_id)) === null) await activation.retired(callback_id, 'deleted')
      throw new BuildSuperseded()
    }
    build.record = { ...build.record, status: 'active', step: 'activate', timings: build.timings }
    try {
      await activation.activated(build.record)
    } catch (error) {
      // The database says that it serves, and the routes follow the database.
      log('error', 'The route of a new version could not be switched at once', {
        callback_id,
        version,
        error,
      })
    }
  })
}
