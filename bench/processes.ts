import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'

/** What to run, and how it says that it is ready. */
export interface Program {
  /** For messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Descriptor 3 is a pipe whose text counts as output. */
  readonly controlPipe?: boolean
  /** Matched against all that it printed so far; its match is handed on. */
  readonly ready: RegExp
  /** Milliseconds. */
  readonly readyWithin: number
}

/** A program that runs and is ready. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number
  readonly match: RegExpExecArray
  /** `performance.now()` just before it was spawned. */
  readonly spawnedAt: number
  /** From spawn to ready. Milliseconds. */
  readonly readyMs: number
}

const STOP_WITHIN = 15_000
/** Kept for messages. Characters. */
const KEPT_OUTPUT = 65_536

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program and waits until it is ready. @throws Error with its output when it ends or the time is up before */
export function startProgram(program: Program): Promise<RunningProgram> {
  const spawnedAt = performance.now()
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: program.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', ...(program.controlPipe === true ? (['pipe'] as const) : [])],
  })
  running.add(child)
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal}`))
    child.once('error', (error) => resolve(error.message))
  }).then((how) => {
    running.delete(child)
    return how
  })
  return new Promise((resolve, reject) => {
    let output = ''
    let done = false
    const fail = (how: string) => {
      if (done) return
      done = true
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`Cannot start ${program.name}: ${how}: it printed ${JSON.stringify(output)}`))
    }
    const timer = setTimeout(() => fail(`not ready within ${program.readyWithin} ms`), program.readyWithin)
    const read = (piece: string) => {
      if (done) return
      output = (output + piece).slice(-KEPT_OUTPUT)
      const match = program.ready.exec(output)
      if (match === null) return
      done = true
      clearTimeout(timer)
      const readyMs = performance.now() - spawnedAt
      resolve({
        pid: child.pid!,
        match,
        spawnedAt,
        readyMs,
        [Symbol.asyncDispose]: () => stop(child, exited, program.name),
      })
    }
    // Read to the end, ready or not: a full pipe would stop the program.
    for (const stream of child.stdio.slice(1)) {
      if (stream === null || stream === undefined || !('setEncoding' in stream)) continue
      stream.setEncoding('utf8')
      stream.on('data', read)
    }
    void exited.then(fail)
  })
}

/** SIGTERM, and SIGKILL for what does not heed it. */
async function stop(child: ChildProcess, exited: Promise<string>, name: string): Promise<void> {
  if (!running.has(child)) return
  child.kill('SIGTERM')
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, STOP_WITHIN)
  await exited
  clearTimeout(timer)
  if (late) process.stderr.write(`${name} still ran ${STOP_WITHIN} ms after SIGTERM and was killed\n`)
}
