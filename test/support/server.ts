import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** A request as tests write it: `json` is a body that is sent as JSON. */
export type TestRequest = RequestInit & { readonly json?: unknown }

/** A callback as the API answers it. */
export interface TestCallback {
  readonly callback_id: number
  readonly path: string
  readonly status: string
  readonly version: number | null
  readonly [field: string]: unknown
}

/** How a process ended: one of the two is null. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/** The gateway as a process of its own, on the host that runs the test. */
export interface TestServer extends AsyncDisposable {
  readonly origin: string
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  readonly exited: Promise<Ended>
  /** All that it has printed so far, both streams. */
  output(): string
  /** A request of the management API; with FAAS_ADMIN_TOKEN among the settings it carries the token. */
  api(path: string, init?: TestRequest): Promise<Response>
  /** Registers a callback; `type` is `node` and `method` is `ANY` where the fields say nothing else. */
  register(fields: Readonly<Record<string, unknown>>): Promise<TestCallback>
  /** Deploys and waits for the end of the build. @throws Error with what the build said unless it is deployed */
  deploy(callbackId: number, cType?: string): Promise<TestCallback>
  /** A call of a function: `path` is what stands behind /api/. */
  call(path: string, init?: TestRequest): Promise<Response>
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<Ended>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<Ended>
}

/** What of a server's surroundings a test chooses. */
export interface ServerOptions {
  /** Kept when the server ends, so that another one can take it over; without it a fresh folder comes and goes. */
  readonly dataDir?: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** A first start builds the prelude of the isolates, and the machine may be busy. Milliseconds. */
const START_WITHIN = 45_000
/** Longer than a drain may take; past it the process is killed and the test fails. Milliseconds. */
const STOP_WITHIN = 30_000
const WAIT_SECONDS = 30
const ADDRESS = /listens on (http:\/\/\S+)/

/** Starts a gateway with these settings and waits for its address. @throws Error with its output when it ends before */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  options: ServerOptions = {},
): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'faas-test-')))
  const child = spawn(process.execPath, program(), {
    cwd: ROOT,
    env: {
      ...ownEnvironment(),
      FAAS_PORT: '0',
      FAAS_DATA_DIR: dataDir,
      FAAS_LOG_FORMAT: 'json',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const last = () => child.kill('SIGKILL')
  process.once('exit', last)
  const output = collect(child)
  const exited = ended(child).then(async (end) => {
    process.off('exit', last)
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    return end
  })
  const origin = await address(output, exited, () => child.kill('SIGKILL'))
  const token = settings.FAAS_ADMIN_TOKEN
  const api = (at: string, init?: TestRequest) => fetch(`${origin}${at}`, request(init, token))

  const server: TestServer = {
    origin,
    port: Number(new URL(origin).port),
    pid: child.pid!,
    dataDir,
    exited,
    output: output.text,
    api,
    async register(fields) {
      const json = { type: 'node', method: 'ANY', ...fields }
      return callbackOf(await api('/callbacks', { method: 'POST', json }), 'register')
    },
    async deploy(callbackId, cType) {
      const json = {
        callback_id: callbackId,
        status: true,
        ...(cType === undefined ? {} : { c_type: cType }),
      }
      const answer = await api(`/deploy?wait=${WAIT_SECONDS}`, { method: 'POST', json })
      const callback = await callbackOf(answer, 'deploy')
      if (callback.status === 'deployed') return callback
      const builds = await (await api(`/callbacks/${callbackId}/deployments`)).text()
      throw new Error(`callback ${callbackId} is ${callback.status} after its deploy: ${builds}`)
    },
    call: (at, init) => fetch(`${origin}/api/${at}`, request(init)),
    async stop() {
      process.kill(child.pid!, 'SIGTERM')
      let late = false
      const timer = setTimeout(() => {
        late = true
        child.kill('SIGKILL')
      }, STOP_WITHIN)
      const end = await exited
      clearTimeout(timer)
      if (late) throw new Error(`the gateway still ran ${STOP_WITHIN} ms after SIGTERM:\n${output.text()}`)
      return end
    },
    kill() {
      child.kill('SIGKILL')
      return exited
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
    },
  }
  return server
}

function program(): string[] {
  return 'Deno' in globalThis ? ['run', '-A', 'src/main.deno.ts'] : ['src/main.node.ts']
}

/** A setting of the shell that runs the tests must not decide how they go. */
function ownEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('FAAS_') || name === 'FAAS_NODE',
  )
  // Where a test is not about containers, the machine's engine must not decide how it goes either.
  return { ...Object.fromEntries(kept), NO_COLOR: '1', FAAS_DOCKER_HOST: 'unix:///nowhere/docker.sock' }
}

interface Output {
  text(): string
  /** Calls back at each piece of output. */
  watch(listener: () => void): void
}

function collect(child: ChildProcess): Output {
  let text = ''
  let heard: () => void = () => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (piece: string) => {
      text += piece
      heard()
    })
  }
  return {
    text: () => text,
    watch(listener) {
      heard = listener
      listener()
    },
  }
}

function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
}

function address(output: Output, exited: Promise<Ended>, kill: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      kill()
      reject(new Error(`the gateway did not listen within ${START_WITHIN} ms:\n${output.text()}`))
    }, START_WITHIN)
    output.watch(() => {
      const found = ADDRESS.exec(output.text())?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    void exited.then(({ code, signal }) => {
      clearTimeout(timer)
      reject(new Error(`the gateway ended (${code ?? signal}) before it listened:\n${output.text()}`))
    })
  })
}

function request({ json, ...init }: TestRequest = {}, token?: string): RequestInit {
  const headers = new Headers(init.headers)
  if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
  if (json === undefined) return { ...init, headers }
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return { method: 'POST', ...init, headers, body: JSON.stringify(json) }
}

async function callbackOf(answer: Response, action: string): Promise<TestCallback> {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`Cannot ${action}: ${answer.status} ${text}`)
  return JSON.parse(text) as TestCallback
}
