import { spawn } from 'node:child_process'

/** What a program said and how it ended. */
export interface Said {
  /** Null when a signal ended it, or when it could not be started. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Why it could not be started. */
  readonly error: string | null
}

/** How to run a program: never through a shell. */
export interface RunOptions {
  readonly signal: AbortSignal
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly input?: string
  /** Called with all that came so far, at each piece. */
  readonly onOutput?: (stdout: string) => void
}

/** Runs a program to its end; at the signal's abort it is killed, with all that it started. Never rejects. */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<Said> {
  const { signal, env = process.env, cwd, input, onOutput } = options
  return new Promise((resolve) => {
    const said = { stdout: '', stderr: '' }
    const child = spawn(file, args, {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      ...(cwd === undefined ? {} : { cwd }),
    })
    const kill = () => killGroup(child.pid)
    signal.addEventListener('abort', kill, { once: true })
    const done = (code: number | null, error: string | null) => {
      signal.removeEventListener('abort', kill)
      resolve({ ...said, code, error })
    }
    child.once('error', (error) => done(null, error.message))
    child.once('close', (code) => done(code, null))
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8')
      child[name].on('data', (piece: string) => {
        said[name] += piece
        if (name === 'stdout') onOutput?.(said.stdout)
      })
    }
    // A program that ends without reading is no fault.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
