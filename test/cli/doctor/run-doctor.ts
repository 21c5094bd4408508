import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { environment, type Settings } from './look.ts'

/** How the program ended and what it printed. */
export interface Report {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Of `--json`. */
  readonly findings: () => Finding[]
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRAM = 'src/cli/doctor.ts'

/**
 * Runs the doctor as a process, on the host that runs the test.
 * @param uid another user, where this one may choose
 */
export async function runDoctor(
  home: string,
  args: readonly string[],
  settings: Settings = {},
  uid?: number,
): Promise<Report> {
  const command = 'Deno' in globalThis ? ['run', '-A', PROGRAM] : [PROGRAM]
  const child = spawn(process.execPath, [...command, ...args], {
    cwd: ROOT,
    env: environment(home, settings),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (piece: string) => {
      said[name] += piece
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { ...said, code, findings: () => JSON.parse(said.stdout) as Finding[] }
}
