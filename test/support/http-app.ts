import type { Config } from '../../src/config.ts'
import { readConfig } from '../../src/config.ts'
import { createApp, createFetch } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/deps.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import { fakeDeployer, fakeFeed, fakeInvoker, fakeObserver } from './fakes.ts'

/** A logged entry of the gateway's own log. */
export interface Logged {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

/** The whole HTTP layer on a database in memory, with fakes for what deploys, calls and observes. */
export async function httpApp(config: Partial<Config> = {}, overrides: Partial<AppDeps> = {}) {
  const machine = { cores: 2, memoryMb: 4096, terminal: false, cwd: '/' }
  const defaults = readConfig({}, machine).config
  const store = await openStore({ url: ':memory:', authToken: null })
  const deployer = fakeDeployer(store)
  const feed = fakeFeed()
  const invoker = fakeInvoker()
  const observer = fakeObserver(store)
  const logged: Logged[] = []
  const state = { draining: false }
  const deps: AppDeps = {
    config: { ...defaults, ...config },
    store,
    deployer,
    feed,
    invoker,
    observer,
    instances: () => [],
    runtimes: async () => ({ isolate: { ready: true, detail: 'in 2 hosts' } }),
    metrics: () => '# HELP up Is it up\nup 1\n',
    upgradeWebSocket: (() => async () => undefined) as unknown as AppDeps['upgradeWebSocket'],
    peer: () => ({ ip: '192.0.2.1' }),
    draining: () => state.draining,
    log: (level, message, fields) => logged.push({ level, message, fields }),
    version: '1.2.3',
    ...overrides,
  }
  const app = createApp(deps)
  const fetch = createFetch(app, deps)
  return {
    app,
    fetch,
    deps,
    store,
    deployer,
    feed,
    invoker,
    observer,
    logged,
    state,
    /** One request; a body that is no string goes as JSON. */
    async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const init = { method, headers, ...(text === undefined ? {} : { body: text as string }) }
      const response = await fetch(new Request(`http://127.0.0.1:8000${path}`, init), {})
      const raw = await response.text()
      const json = (response.headers.get('content-type') ?? '').includes('json')
      return {
        status: response.status,
        headers: response.headers,
        raw,
        body: json && raw ? JSON.parse(raw) : null,
      }
    },
    close: async () => store[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
  }
}

export type HttpApp = Awaited<ReturnType<typeof httpApp>>

/** The least that registers a callback. */
export const HELLO = {
  path: 'hello',
  method: 'GET',
  type: 'node',
  code: 'export default () => "hi"',
} as const

/** Waits until a condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 5000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
