import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How to run a program: never through a shell. */
export interface RunOptions {
  readonly cwd: string
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Called for each line of either output. */
  readonly onLine: (line: string) => void
}

/** How a program ended: its exit code, or the signal that ended it. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * Runs a program in a process group of its own. On abort the whole group is killed, and the promise rejects with
 * the signal's reason once the program is gone.
 * @throws Error ENOENT when there is no such program
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ended> {
  const { cwd, env, signal, onLine } = options
  signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => killGroup(child.pid)
  signal.addEventListener('abort', kill, { once: true })
  try {
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine)
    const ended = await new Promise<Ended>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, by) => resolve({ code, signal: by }))
    })
    signal.throwIfAborted()
    return ended
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has ended by itself.
  }
}
