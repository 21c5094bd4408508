import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { docker, dockerMissing } from '../support/docker.ts'
import type { Need } from '../support/skip.ts'
import { until } from './gateway.ts'

/** An engine beside the machine's own, that a test may stop and start. */
export interface OwnEngine extends AsyncDisposable {
  /** What FAAS_DOCKER_HOST names. */
  readonly host: string
  /** Starts it and waits until it answers. */
  start(): Promise<void>
  /** Ends it with a signal: containers go with SIGTERM; with SIGKILL nobody looks after them. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Copies an image of the machine's engine. */
  load(image: string): Promise<void>
  /** Leaves no room on its disk, or gives it back. Only where it has a disk of its own. */
  fill(full: boolean): Promise<void>
  /** The docker client with this engine. */
  docker(...args: string[]): Promise<string>
}

/** What it takes to have one. */
export function ownEngineNeed(): Need {
  const name = 'docker-engine'
  const docker = dockerMissing()
  if (docker !== null) return { name, missing: docker }
  if (process.getuid?.() !== 0) return { name, missing: 'only root can start a Docker engine' }
  try {
    execFileSync('unshare', ['--net', 'dockerd', '--version'], { stdio: 'ignore' })
    return { name, missing: null }
  } catch (error) {
    return { name, missing: `dockerd cannot be run in a network of its own: ${(error as Error).message}` }
  }
}

/**
 * Prepares one; it does not run yet. It has a network namespace of its own: an engine that starts takes away and makes
 * interfaces and rules, and those of the machine belong to the machine's engine.
 * @param diskMb the size of a disk of its own, in memory; without it, it writes to the machine's
 */
export async function ownEngine({ diskMb }: { readonly diskMb?: number } = {}): Promise<OwnEngine> {
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-engine-'))
  const at = (name: string) => path.join(folder, name)
  const host = `unix://${at('docker.sock')}`
  const own = (...args: string[]) => docker('--host', host, ...args)
  let child: ChildProcess | null = null
  let gone: Promise<unknown> = Promise.resolve()
  let said = ''
  await mkdir(at('data'))
  if (diskMb !== undefined)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', at('data')])

  const engine: OwnEngine = {
    host,
    docker: own,
    async start() {
      const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')]
      const nets = ['--bridge', 'none', '--iptables=false', '--ip-forward=false', '--ip-masq=false']
      const started = spawn('unshare', ['--net', 'dockerd', ...places, '--host', host, ...nets], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (piece: Buffer) => {
          said = (said + piece.toString()).slice(-4000)
        })
      child = started
      gone = new Promise((resolve) => started.once('exit', resolve).once('error', resolve))
      await until(
        () => own('version', '--format', '{{.Server.Version}}').catch(() => undefined),
        () => `the engine to answer: ${said}`,
      )
    },
    async stop(signal) {
      child?.kill(signal)
      await gone
      child = null
      // What was killed could not remove them, and takes whatever has their numbers now for itself.
      for (const file of ['pid', 'exec/containerd/containerd.pid']) await rm(at(file), { force: true })
    },
    async load(image) {
      const from = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'ignore'] })
      const to = spawn('docker', ['--host', host, 'load'], { stdio: [from.stdout, 'ignore', 'ignore'] })
      const code = await new Promise((resolve) => to.once('exit', resolve))
      if (code !== 0) throw new Error(`Cannot copy image "${image}" to ${host}`)
    },
    async fill(full) {
      if (diskMb === undefined) throw new Error('Cannot fill the disk: it is the machine’s own')
      await rm(at('data/filler'), { force: true })
      if (!full) return
      const error = await writeFile(at('data/filler'), Buffer.alloc(diskMb * 1_048_576)).then(
        () => null,
        (error: NodeJS.ErrnoException) => error,
      )
      if (error?.code !== 'ENOSPC') throw new Error('Cannot fill the disk', { cause: error })
    },
    async [Symbol.asyncDispose]() {
      await engine.stop('SIGTERM')
      // What an engine that was killed has left: processes that name its folder, and mounts in it.
      for (const pid of processesOf(folder)) end(pid)
      await until(async () => (processesOf(folder).length === 0 ? true : undefined), 'its processes to end')
      for (const mount of mountsOf(folder)) execFileSync('umount', ['--lazy', mount])
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
  return engine
}

/** Processes whose command line has a path in the folder. */
function processesOf(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

/** The inner ones first. */
function mountsOf(folder: string): string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return points.filter((point) => point.startsWith(`${folder}/`)).reverse()
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
}
