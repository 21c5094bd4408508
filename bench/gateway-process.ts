import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { CType, Language } from '../src/domain/runtime-name.ts'
import { type HttpClient, type Reply, startHttpClient } from './http-client.ts'
import { type RunningProgram, startProgram } from './processes.ts'

/** A callback as it is registered here. */
export interface Callback {
  readonly path: string
  readonly code: string
  /** @default 'node' */
  readonly type?: Language
  readonly limits?: Readonly<Record<string, unknown>>
}

/** The gateway as a process of its own with its default settings, driven through its API. */
export interface GatewayProcess extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  /** From spawn to the line that says it listens. Milliseconds. */
  readonly listenMs: number
  /** `performance.now()` just before it was spawned. */
  readonly spawnedAt: number
  /** @returns its id. @throws Error unless it is registered */
  register(callback: Callback): Promise<number>
  /** @param runtime what the deploy asks for; else the gateway chooses. @throws Error unless it is deployed */
  deploy(callbackId: number, runtime?: CType): Promise<void>
  /** Resolves when it could take calls at once: its hosts are up. */
  untilReady(): Promise<void>
  /** How many instances of a callback live. */
  liveInstances(callbackId: number): Promise<number>
  /** A call of a function, over a connection that is kept for such calls. */
  call(path: string): Promise<Reply>
  /** What the gateway says of one of its counters, all labels together. */
  metric(name: string): Promise<number>
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const HOST = '127.0.0.1'
/** The very first start on a machine builds the prelude of the isolates. Milliseconds. */
const LISTEN_WITHIN = 60_000
const BUILD_WITHIN_S = 50

/**
 * Starts a gateway on a free port.
 * @param settings beyond the port and the data folder
 * @throws Error with its output when it does not listen
 */
export async function startGateway(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const program = await startProgram({
    name: 'the gateway',
    command: process.execPath,
    args: ['src/main.node.ts'],
    cwd: ROOT,
    env: { ...withoutSettings(process.env), ...settings, FAAS_PORT: '0', FAAS_DATA_DIR: dataDir },
    ready: /listens on http:\/\/[^\s:]+:(\d+)\n/,
    readyWithin: LISTEN_WITHIN,
  })
  const port = Number(program.match[1])
  return drive(program, port, startHttpClient(HOST, port), startHttpClient(HOST, port))
}

function drive(program: RunningProgram, port: number, api: HttpClient, calls: HttpClient): GatewayProcess {
  const json = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const reply = await api.request(method, path, body)
    if (reply.status !== 200) throw new Error(`Cannot ${method} ${path}: ${reply.status} ${reply.body}`)
    return JSON.parse(reply.body) as Record<string, unknown>
  }
  return {
    pid: program.pid,
    port,
    listenMs: program.readyMs,
    spawnedAt: program.spawnedAt,
    async register({ path, code, type = 'node', limits = {} }) {
      const body = { path, method: 'ANY', type, code, limits }
      return (await json('POST', '/callbacks', body)).callback_id as number
    },
    async deploy(callbackId, runtime) {
      const wanted = runtime === undefined ? {} : { c_type: runtime }
      const body = { callback_id: callbackId, status: true, ...wanted }
      const { status } = await json('POST', `/deploy?wait=${BUILD_WITHIN_S}`, body)
      if (status === 'deployed') return
      const { body: builds } = await api.request('GET', `/callbacks/${callbackId}/deployments`)
      throw new Error(`Cannot deploy callback ${callbackId}: its status is ${status}: ${builds}`)
    },
    async untilReady() {
      await json('GET', '/ready')
    },
    async liveInstances(callbackId) {
      const { instances } = await json('GET', `/callbacks/${callbackId}/instances`)
      return (instances as unknown[]).length
    },
    call: (path) => calls.request('GET', `/api/${path}`),
    async metric(name) {
      const { status, body } = await api.request('GET', '/metrics')
      if (status !== 200) throw new Error(`Cannot read the metrics: ${status} ${body}`)
      return sumOf(body, name)
    },
    async [Symbol.asyncDispose]() {
      api.close()
      calls.close()
      await program[Symbol.asyncDispose]()
    },
  }
}

/** All samples of one metric, added up. */
export function sumOf(metrics: string, name: string): number {
  let sum = 0
  for (const line of metrics.split('\n')) {
    const sample = /^([a-z_]+)(\{.*\})? (\S+)/.exec(line)
    if (sample !== null && sample[1] === name) sum += Number(sample[3])
  }
  return sum
}

/** A setting of the shell must not decide what is measured. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FAAS_')))
}
