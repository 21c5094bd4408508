import type { Artifact, Deployment } from '../../../domain/deployment.ts'
import { BootFailure, RuntimeUnavailable } from '../../failures.ts'
import type {
  Availability,
  BuildContext,
  Capabilities,
  Instance,
  Runtime,
  StartOptions,
} from '../../runtime.ts'
import { type FleetOptions, HostFleet } from './fleet.ts'
import type { HostProcess } from './host-process.ts'
import { IsolateInstance } from './instance.ts'

/** How the isolate runtime is set up. */
export interface IsolateOptions extends FleetOptions {
  /** Longest a module may take to load, whatever the function's own limit. Milliseconds. @default 10000 */
  readonly bootTimeoutMs?: number
}

const CAPABILITIES: Capabilities = {
  languages: ['node'],
  streaming: true,
  memory: 'hard',
  cpu: 'hard',
  interrupt: 'hard',
  egress: 'hard',
  library: 'bundle',
}

/** Starts of one instance whose hosts are lost under it. */
const STARTS = 3
/** How long a host may take to read a start before it is started on another one. Milliseconds. */
const ACCEPTED_WITHIN = 150

/** V8 isolates in supervised host processes without rights: milliseconds to start, thousands of functions. */
export function createIsolateRuntime(options: IsolateOptions): Runtime {
  const fleet = new HostFleet(options)
  const bootTimeoutMs = options.bootTimeoutMs ?? 10_000

  return {
    name: 'isolate',
    capabilities: CAPABILITIES,
    probe: (signal) => probe(fleet, signal),
    prepare: (deployment: Deployment, build: BuildContext): Promise<Artifact> =>
      build.bundle(deployment, { runtime: 'isolate', polyfillNode: true, externalPackages: false }),
    async start(deployment: Deployment, start: StartOptions): Promise<Instance> {
      const busy = new Set<HostProcess>()
      for (let tries = 1; ; tries++) {
        const put = (host: HostProcess) =>
          new IsolateInstance(host, deployment, start, (lost, why) => fleet.condemn(lost, why))
        const instance = await fleet.place(put, busy)
        void instance.exited.then(() => fleet.trim())
        // A lone function may keep its host's thread for as long as it likes: others start elsewhere.
        if (!busy.has(instance.host) && !(await accepted(instance))) {
          busy.add(instance.host)
          instance.abandon('the thread of its host was busy')
          continue
        }
        try {
          await booted(instance, start, bootTimeoutMs)
          return instance
        } catch (error) {
          // Its host was replaced under it for another's sake: no fault of the module.
          if (!instance.lost || tries >= STARTS || start.signal.aborted) throw error
        }
      }
    },
    [Symbol.asyncDispose]: () => fleet.dispose(),
  }
}

/** Whether the host reads the start soon. */
async function accepted(instance: IsolateInstance): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ACCEPTED_WITHIN)
  })
  const read = Promise.race([instance.accepted, instance.exited]).then(() => true)
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
  }
}

async function probe(fleet: HostFleet, signal: AbortSignal): Promise<Availability> {
  const late = new Promise<Availability>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ ready: false, reason: 'the isolate hosts are still starting', remedy: 'wait a moment' }),
    )
  })
  const asked = fleet.ready().then(
    (detail): Availability => ({ ready: true, detail }),
    (error: unknown): Availability => ({
      ready: false,
      reason: error instanceof Error ? error.message : String(error),
      remedy: error instanceof RuntimeUnavailable ? error.remedy : 'see the log',
    }),
  )
  return Promise.race([asked, late])
}

/** Waits for the module to load; one that takes too long, or that nobody waits for, ends really gone. */
async function booted(instance: IsolateInstance, start: StartOptions, bootTimeoutMs: number): Promise<void> {
  const limit = Math.min(bootTimeoutMs, start.limits.timeout_ms)
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `its module did not load within ${limit} ms`
      void instance
        .close('boot_failed', message)
        .then(() => reject(new BootFailure('boot_timeout', { name: 'Error', message, stack: '' })))
    }, limit)
  })
  timeout.catch(() => undefined)
  const abort = () => void instance.close('shutdown')
  start.signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([instance.started, timeout])
  } catch (error) {
    const exit = await instance.close('boot_failed')
    if (exit.detail.startsWith('its module did not load')) await timeout
    throw error
  } finally {
    clearTimeout(timer)
    start.signal.removeEventListener('abort', abort)
  }
}
