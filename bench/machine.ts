import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import * as os from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What a figure depends on besides the code. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly kernel: string
  readonly arch: string
  readonly node: string
  /** Load averages over 1, 5 and 15 minutes when the run began: what else the machine was doing. */
  readonly load: readonly number[]
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = [
  '@hono/node-server',
  '@libsql/client',
  'esbuild',
  'hono',
  'isolated-vm',
  'tinybench',
  'workerd',
]
const run = promisify(execFile)

/** The facts of this machine, now. */
export function machineFacts(): Machine {
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    arch: process.arch,
    node: process.version,
    load: os.loadavg().map((value) => Math.round(value * 100) / 100),
  }
}

/** The versions of the packages that decide what is measured. */
export async function packageVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const name of PACKAGES) {
    const text = await readFile(`${ROOT}node_modules/${name}/package.json`, 'utf8').catch(() => '{}')
    versions[name] = (JSON.parse(text) as { version?: string }).version ?? 'not installed'
  }
  return versions
}

/** What is measured: the commit, and whether files differ from it. */
export async function commitName(): Promise<string> {
  try {
    const { stdout: hash } = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT })
    const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd: ROOT })
    return changes === '' ? hash.trim() : `${hash.trim()}-dirty`
  } catch {
    return 'unknown'
  }
}
