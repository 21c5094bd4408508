import { expose } from './define.ts'

const env: Record<string, string> = {}

/** What npm packages expect to find of a Node process before they decide where they run. */
export const process = {
  env,
  argv: ['node', 'main.js'],
  platform: 'linux',
  browser: false,
  version: '',
  versions: {},
  exitCode: undefined,
  cwd: () => '/',
  nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
    queueMicrotask(() => callback(...args))
  },
  emitWarning(warning: unknown): void {
    console.warn(warning instanceof Error ? warning : `Warning: ${String(warning)}`)
  },
  uptime: () => performance.now() / 1000,
  hrtime: Object.assign(
    (before?: [number, number]): [number, number] => {
      const now = performance.now()
      const seconds = Math.floor(now / 1000) - (before?.[0] ?? 0)
      const nanos = Math.round((now % 1000) * 1e6) - (before?.[1] ?? 0)
      return nanos < 0 ? [seconds - 1, nanos + 1e9] : [seconds, nanos]
    },
    { bigint: () => BigInt(Math.round(performance.now() * 1e6)) },
  ),
  on: () => process,
  once: () => process,
  off: () => process,
  emit: () => false,
}

/** The function's environment, for code that reads it at module scope. It is the author's to change. */
export function setEnvironment(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) env[name] = value
  env.NODE_ENV ??= 'production'
}

expose('process', process)
