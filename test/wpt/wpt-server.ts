import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import * as path from 'node:path'

/** The server that the tests bring along, on loopback. */
export interface WptServer extends AsyncDisposable {
  readonly origin: string
  /** Its ports, by what the tests call them; they change from run to run. */
  readonly ports: ReadonlyMap<number, string>
}

const START_WITHIN = 60_000
const NAMES = [
  'http',
  'http2',
  'https',
  'https2',
  'ws',
  'wss',
  'private',
  'public',
  'sprivate',
  'spublic',
] as const

/**
 * Starts `wpt serve` with the machine's Python.
 * @returns null where the folder does not hold the server
 * @throws Error with its output when it does not answer
 */
export async function startWptServer(root: string): Promise<WptServer | null> {
  if (!existsSync(path.join(root, 'wpt')) || !existsSync(path.join(root, 'tools/serve'))) return null
  const [http, http2, https, https2, ws, wss, priv, pub, spriv, spub] = await freePorts(NAMES.length)
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-wpt-'))
  const config = {
    browser_host: 'localhost',
    alternate_hosts: { alt: '127.0.0.1' },
    server_host: '127.0.0.1',
    check_subdomains: false,
    ports: {
      http: [http, http2],
      https: [https, https2],
      ws: [ws],
      wss: [wss],
      'http-private': [priv],
      'http-public': [pub],
      'https-private': [spriv],
      'https-public': [spub],
    },
    ssl: { type: 'pregenerated' },
  }
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config))
  const args = ['wpt', '--venv', folder, '--skip-venv-setup', 'serve', '--no-h2', '--config']
  const child = spawn('python3', [...args, path.join(folder, 'config.json')], {
    cwd: root,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: it starts a process for each port, which must end with it.
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-8000)
    })
  }
  let over = false
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      output += error.message
      resolve()
    })
  }).then(() => {
    over = true
  })
  const end = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // The group is gone already.
    }
  }
  const last = () => end('SIGKILL')
  process.once('exit', last)
  const server: WptServer = {
    origin: `http://localhost:${http}`,
    ports: new Map(
      NAMES.map((name, at) => [[http, http2, https, https2, ws, wss, priv, pub, spriv, spub][at]!, name]),
    ),
    async [Symbol.asyncDispose]() {
      end('SIGTERM')
      await exited
      last()
      process.off('exit', last)
      await rm(folder, { recursive: true, force: true })
    },
  }
  const deadline = performance.now() + START_WITHIN
  while (!(await answers(http!))) {
    if (over || performance.now() > deadline) {
      await server[Symbol.asyncDispose]()
      throw new Error(`Cannot start "wpt serve" in ${root}: it does not answer:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return server
}

async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/resources/testharness.js`, { method: 'HEAD' })
    return answer.ok
  } catch {
    return false
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
