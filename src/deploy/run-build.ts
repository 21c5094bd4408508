import { BUILD_STEPS, type BuildError, type BuildStep } from '../domain/deployment.ts'
import { BuildFailure, RuntimeUnavailable } from '../runtime/failures.ts'
import {
  type Build,
  BuildStopped,
  BuildSuperseded,
  failureLine,
  type Step,
  type StepTools,
  timingsNow,
} from './build.ts'
import type { DeployMessage } from './deployer.ts'
import { activate } from './steps/activate.ts'
import { boot } from './steps/boot.ts'
import { bundle } from './steps/bundle.ts'
import { install } from './steps/install.ts'
import { validate } from './steps/validate.ts'

const STEPS: Readonly<Record<BuildStep, Step>> = { validate, install, bundle, boot, activate }

/** How long a stopped step may take to put away what it started, before the build ends without it. */
const PUT_AWAY_MS = 5000

/**
 * Takes a build through its steps and records each. Never rejects: a failure is recorded, a stop for shutdown
 * leaves the build open for whoever recovers it.
 */
export async function runBuild(build: Build, tools: StepTools): Promise<void> {
  const { controller } = build
  const deadline = setTimeout(
    () => controller.abort(new BuildStopped('timeout')),
    tools.config.buildTimeoutMs,
  )
  build.started = performance.now()
  let step: Promise<void> = Promise.resolve()
  try {
    controller.signal.throwIfAborted()
    tell(build, tools, 'building', `Building version ${build.record.version}`)
    for (const name of BUILD_STEPS) {
      await enter(name, build, tools)
      if (name === 'boot') tell(build, tools, 'import', 'Loading the code once')
      step = STEPS[name](build, tools)
      await untilStopped(step, controller.signal)
      build.timings = timingsNow(build)
    }
    await build.log.flush()
    const { version, method, path, runtime } = build.record
    tell(build, tools, 'success', `Version ${version} serves ${method} /api/${path} on ${runtime}`)
  } catch (error) {
    await end(build, tools, error)
  } finally {
    clearTimeout(deadline)
    await putAway(build, step)
    if (build.record.status !== 'active') await tools.activation.abandoned(build.record)
  }
}

async function enter(name: BuildStep, build: Build, tools: StepTools): Promise<void> {
  const { callback_id, version } = build.record
  build.record = { ...build.record, step: name }
  build.stepStarted = performance.now()
  // A build begins in its first step: there is nothing to record yet.
  if (name === 'validate') return
  await tools.store.deployments.progress(callback_id, version, { step: name, timings: build.timings })
  build.controller.signal.throwIfAborted()
}

/** A step that does not heed its signal must not hold the build for ever. */
function untilStopped(step: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return Promise.race([step, promise]).finally(() => signal.removeEventListener('abort', stop))
}

async function end(build: Build, tools: StepTools, error: unknown): Promise<void> {
  const { signal } = build.controller
  const reason = signal.aborted ? (signal.reason as BuildStopped).reason : null
  if (reason === 'removed' || error instanceof BuildSuperseded) return build.log.flush()
  try {
    if (reason === 'shutdown') return await leaveOpen(build, tools)
    await fail(build, tools, reason === 'timeout' ? timedOut(build, tools) : errorOf(build, tools, error))
  } catch (cause) {
    // Its lease runs out, and it is built again.
    const { callback_id, version } = build.record
    tools.log('error', 'The end of a build could not be recorded', { callback_id, version, error: cause })
  }
}

/** Hands the build over at once: whoever looks for lost builds next takes it up. */
async function leaveOpen(build: Build, tools: StepTools): Promise<void> {
  build.log.line('The gateway stops: the build is taken up again by the next one')
  await build.log.flush()
  const { callback_id, version } = build.record
  await tools.store.deployments.progress(callback_id, version, { lease_until: 0 })
}

async function fail(build: Build, tools: StepTools, error: BuildError): Promise<void> {
  const { callback_id, version } = build.record
  const line = failureLine(error)
  build.log.line(line)
  await build.log.flush()
  await tools.store.deployments.fail(callback_id, version, error, timingsNow(build))
  tell(build, tools, 'failed', line)
  tools.feed.publish({ type: 'error', callback_id, message: line })
}

function errorOf(build: Build, tools: StepTools, error: unknown): BuildError {
  if (error instanceof BuildFailure) return error.error
  const { callback_id, version, step } = build.record
  if (error instanceof RuntimeUnavailable)
    return { code: 'runtime_unavailable', message: `${error.message}: ${error.remedy}`, step }
  tools.log('error', 'A build failed by the doing of the gateway', { callback_id, version, step, error })
  return {
    code: 'internal',
    message: `The gateway failed in step "${step}": its log says why; deploy again`,
    step,
  }
}

function timedOut(build: Build, tools: StepTools): BuildError {
  const { step } = build.record
  const seconds = tools.config.buildTimeoutMs / 1000
  return {
    code: 'build_timeout',
    message: `The build took longer than ${seconds} s and was ended in step "${step}": raise FAAS_BUILD_TIMEOUT_MS if it needs more`,
    step,
  }
}

async function putAway(build: Build, step: Promise<void>): Promise<void> {
  const released = step.catch(() => {}).then(() => build.library?.release())
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, PUT_AWAY_MS)
  await Promise.race([released, promise])
  clearTimeout(timer)
}

type Progress = Extract<DeployMessage, { type: 'status' }>['status']

function tell(build: Build, tools: StepTools, status: Progress, message: string): void {
  tools.feed.publish({ type: 'status', callback_id: build.record.callback_id, status, message })
}
