import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A script beside this file that runs on the same host as the test. */
export interface Child {
  /** The lines it prints, as they come. */
  readonly lines: AsyncIterable<string>
  /** Resolves when it has ended and all it printed has been read: its exit code, or null after a signal. */
  readonly exited: Promise<number | null>
  kill(): void
}

export function startChild(script: string, args: readonly string[]): Child {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const host = process.versions.deno === undefined ? [] : ['run', '-A']
  const child: ChildProcess = spawn(process.execPath, [...host, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    lines: createInterface({ input: child.stdout! }),
    exited: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    }),
    kill: () => child.kill('SIGKILL'),
  }
}
