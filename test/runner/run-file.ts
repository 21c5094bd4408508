import { type ChildProcess, spawn } from 'node:child_process'
import type { TestFile } from './files.ts'
import { killGroup, waitUntilGone } from './process-group.ts'
import { problemsOf, readTotals } from './totals.ts'

/** How one test file went. */
export interface FileResult {
  readonly file: string
  readonly passed: number
  /** At least 1 where there is a problem. */
  readonly failed: number
  readonly skipped: readonly string[]
  readonly problems: readonly string[]
  readonly output: string
  readonly ms: number
}

const MAX_OUTPUT = 16_777_216
const GRACE_MS = 1000
const running = new Set<number>()

/** Kills every test file that runs, for when the runner itself is told to stop. */
export function killAll(): void {
  for (const group of running) killGroup(group)
}

/** Runs one file in a process group of its own on the current host, and judges it. */
export async function runFile(root: string, test: TestFile): Promise<FileResult> {
  const started = performance.now()
  const args = process.versions.deno === undefined ? [test.file] : ['run', '-A', test.file]
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output = collect(child)
  const group = child.pid
  if (group !== undefined) running.add(group)
  const ended = await Promise.race([exitOf(child), deadline(test.timeoutMs, () => group && killGroup(group))])
  const problems: string[] = []
  if (ended === 'deadline') {
    problems.push(`it was killed: it still ran after ${test.timeoutMs / 1000} s`)
  } else if (ended !== 0) {
    problems.push(typeof ended === 'number' ? `it exited with code ${ended}` : `it ended by ${ended}`)
  }
  if (group !== undefined) {
    const left = await waitUntilGone(group, GRACE_MS)
    for (const member of left) problems.push(`it left a process running: ${member}`)
    killGroup(group)
    running.delete(group)
  }
  const text = await output()
  const totals = readTotals(text)
  problems.push(...problemsOf(totals))
  const { total = 0, passed = 0, reasons = [] } = totals ?? {}
  return {
    file: test.file,
    passed,
    failed: problems.length === 0 ? 0 : Math.max(1, total - passed),
    skipped: reasons,
    problems,
    output: text,
    ms: performance.now() - started,
  }
}

/** What the process prints, in order. The pipes may outlive it: something else can hold them. */
function collect(child: ChildProcess): () => Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      while (size > MAX_OUTPUT) size -= chunks.shift()!.length
    })
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const letGo = (): void => {
    for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  }
  return async () => {
    await Promise.race([closed, deadline(GRACE_MS, letGo)])
    return Buffer.concat(chunks).toString('utf8')
  }
}

function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'))
    child.once('error', (error) => resolve(error.message))
  })
}

function deadline(ms: number, onPassed: () => unknown): Promise<'deadline'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      onPassed()
      resolve('deadline')
    }, ms)
    timer.unref()
  })
}
