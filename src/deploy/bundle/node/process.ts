// `node:process` where there is no Node: what code asks of it that has a meaning inside an isolate.

const started = performance.now()
const given = (globalThis as { process?: { env?: Record<string, string> } }).process

/** The guest's environment object itself: a write is seen wherever it is read. */
export const env: Record<string, string> = given?.env ?? {}
export const arch = 'x64'
export const platform = 'linux'
export const argv: string[] = ['node', '/callback.js']
export const argv0 = 'node'
export const execArgv: string[] = []
export const execPath = '/node'
export const exitCode = undefined
export const pid = 1
export const ppid = 0
export const title = 'node'
/** No `node` in it: packages take that as leave to load files and sockets. */
export const versions: Record<string, string> = {}
export const version = ''
export const release = { name: 'faas' }
export const features = {}
export const config = {}
export const browser = true

export const cwd = (): string => '/'
export const umask = (): number => 0o022
export const uptime = (): number => (performance.now() - started) / 1000

export function nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
  queueMicrotask(() => callback(...args))
}

export const hrtime = Object.assign(
  (since?: [number, number]): [number, number] => {
    const now = performance.now()
    const seconds = Math.floor(now / 1000) - (since?.[0] ?? 0)
    const nanos = Math.round((now % 1000) * 1e6) - (since?.[1] ?? 0)
    return nanos < 0 ? [seconds - 1, nanos + 1e9] : [seconds, nanos]
  },
  { bigint: (): bigint => BigInt(Math.round(performance.now() * 1e6)) },
)

export const memoryUsage = Object.assign(
  () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  { rss: () => 0 },
)
export const cpuUsage = (): { user: number; system: number } => ({ user: 0, system: 0 })

export function emitWarning(warning: string | Error): void {
  console.warn(warning instanceof Error ? warning : `Warning: ${warning}`)
}

function refuse(what: string): () => never {
  return () => {
    throw new Error(`process.${what} is not available in an isolate: deploy with c_type docker`)
  }
}
export const exit = refuse('exit')
export const abort = refuse('abort')
export const kill = refuse('kill')
export const chdir = refuse('chdir')
export const binding = refuse('binding')
export const dlopen = refuse('dlopen')

/** Whole lines go to the log; what is left waits for its end of line. */
function writer(print: (line: string) => void) {
  let rest = ''
  return {
    isTTY: false,
    writable: true,
    columns: 80,
    write(chunk: string | Uint8Array, ...more: unknown[]): boolean {
      rest += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
      const lines = rest.split('\n')
      rest = lines.pop()!
      for (const line of lines) print(line)
      const done = more.findLast((value) => typeof value === 'function') as (() => void) | undefined
      if (done) queueMicrotask(done)
      return true
    },
    end(): void {
      if (rest !== '') print(rest)
      rest = ''
    },
    on: listen,
    once: listen,
  }
}
export const stdout = writer((line) => console.log(line))
export const stderr = writer((line) => console.error(line))

/** Nothing ever happens to the process that its listeners could hear of: registering one is harmless. */
function listen(this: unknown): unknown {
  return this
}
export const on = listen
export const addListener = listen
export const once = listen
export const off = listen
export const removeListener = listen
export const removeAllListeners = listen
export const prependListener = listen
export const setMaxListeners = listen
export const emit = (): boolean => false
export const listeners = (): unknown[] => []
export const listenerCount = (): number => 0
export const eventNames = (): unknown[] => []

const self = {
  env,
  arch,
  platform,
  argv,
  argv0,
  execArgv,
  execPath,
  exitCode,
  pid,
  ppid,
  title,
  versions,
  version,
  release,
  features,
  config,
  browser,
  cwd,
  umask,
  uptime,
  nextTick,
  hrtime,
  memoryUsage,
  cpuUsage,
  emitWarning,
  exit,
  abort,
  kill,
  chdir,
  binding,
  dlopen,
  stdout,
  stderr,
  on,
  addListener,
  once,
  off,
  removeListener,
  removeAllListeners,
  prependListener,
  setMaxListeners,
  emit,
  listeners,
  listenerCount,
  eventNames,
}

export default self
