import { GatewayError } from '../../errors.ts'
import type { Availability } from '../../runtime/runtime.ts'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { HealthView, ReadyView } from '../schemas/system.ts'

const STORE_BOUND_MS = 1000
const RUNTIMES_BOUND_MS = 5000

/** Is the process alive, are its parts ready, and what do its counters say. */
export function healthEndpoints(deps: AppDeps): Endpoint[] {
  return [health(deps), ready(deps), metrics(deps)]
}

function health({ version, draining }: AppDeps): Endpoint {
  const started = performance.now()
  return endpoint({
    method: 'GET',
    path: '/health',
    name: 'health',
    tag: 'system',
    summary: 'Tell that the process is alive',
    description: 'Touches neither the database nor a runtime, so it answers fast whatever they do.',
    open: true,
    answer: { schema: HealthView, about: 'Alive' },
    errors: [],
    handle: () => ({
      status: 'healthy',
      version,
      uptime_s: Math.round((performance.now() - started) / 1000),
      draining: draining(),
    }),
  })
}

function ready(deps: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/ready',
    name: 'ready',
    tag: 'system',
    summary: 'Tell which parts are ready',
    description:
      'A runtime that is not ready says why and what to start; the gateway is ready without it. ' +
      'A 503 is a problem document with the same `store` and `runtimes`.',
    open: true,
    answer: { schema: ReadyView, about: 'Ready' },
    errors: ['store_unavailable', 'draining'],
    async handle() {
      const [store, runtimes] = await Promise.all([storePart(deps), runtimeParts(deps)])
      if (deps.draining()) {
        throw new GatewayError('draining', 'The gateway is shutting down: send calls elsewhere', {
          retry_after: 5,
          store,
          runtimes,
        })
      }
      if (store.ready) return { status: 'ready', store, runtimes }
      throw new GatewayError('store_unavailable', `The database is not ready: ${store.reason}`, {
        retry_after: 1,
        store,
        runtimes,
      })
    },
  })
}

function metrics(deps: AppDeps): Endpoint {
  const contentType = 'text/plain; version=0.0.4; charset=utf-8'
  return endpoint({
    method: 'GET',
    path: '/metrics',
    name: 'metrics',
    tag: 'system',
    summary: 'Read the metrics',
    answer: { contentType, about: 'Prometheus text' },
    errors: [],
    handle: async ({ c }) => c.body(await deps.metrics(), 200, { 'content-type': contentType }),
  })
}

async function storePart({ store }: AppDeps): Promise<Availability> {
  try {
    await within(STORE_BOUND_MS, store.ping())
    // This is open to everyone: where the data lies is not everyone's business.
    return { ready: true, detail: 'it answers' }
  } catch (error) {
    const reason = error instanceof TooSlow ? `no answer within ${STORE_BOUND_MS} ms` : 'it does not answer'
    return { ready: false, reason, remedy: 'check the database that FAAS_DB_URL names' }
  }
}

async function runtimeParts(deps: AppDeps): Promise<Record<string, Availability>> {
  try {
    return await within(RUNTIMES_BOUND_MS, deps.runtimes())
  } catch {
    const reason = `the runtimes did not answer within ${RUNTIMES_BOUND_MS} ms`
    return { all: { ready: false, reason, remedy: "read the gateway's log" } }
  }
}

class TooSlow extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TooSlow()), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
