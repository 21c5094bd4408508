import type Dockerode from 'dockerode'
import { Demux } from '../engine/demux.ts'
import { reasonOf } from '../engine/engine.ts'
import type { InstallJob } from './install.ts'
import { Lines } from './lines.ts'
import { destinationsOf } from './settings.ts'

/** How an installer ended that did not do its work. */
export interface FailedInstall {
  readonly code: number
  readonly outOfMemory: boolean
  readonly output: readonly string[]
}

/** What engines say when the image has no such program. */
export const NO_PROGRAM = /executable file not found|exec: .*no such file or directory/
/** Killed: in a container with a limit that is what happens at the limit. */
const KILLED = 137
const MAX_KEPT = 400

/**
 * Starts a container that was made for an installer, and stays with it to its end.
 * @returns null, or how it failed
 * @throws RuntimeUnavailable, or the engine's own error
 */
export async function runInstaller(
  container: Dockerode.Container,
  job: InstallJob,
): Promise<FailedInstall | null> {
  const stream = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  })
  try {
    const output: string[] = []
    let onAnswer: ((line: string) => void) | null = null
    const read = readLines(stream, (line) => {
      if (onAnswer !== null && line.startsWith('[')) return onAnswer(line)
      if (output.push(line) > MAX_KEPT) output.shift()
      job.log(line)
    })
    const lacking = await start(container)
    if (lacking !== null) return { code: 127, outOfMemory: false, output: [lacking] }
    const { args, env, indexSet } = job.recipe
    const ask = async (): Promise<string[]> => {
      const answer = new Promise<string>((resolve) => {
        onAnswer = resolve
      })
      stream.write('{"ask":true}\n')
      // It may end without an answer.
      const line = await Promise.race([answer, read.then(() => '[]')])
      onAnswer = null
      return JSON.parse(line) as string[]
    }
    if (job.network !== null) {
      const usual = indexSet ? [] : await ask()
      await job.network.confine(container.id, job.baseId, destinationsOf([...Object.values(env), ...usual]))
    }
    stream.write(`${JSON.stringify({ args, env, ca: job.certificate })}\n`)
    await read
    const { StatusCode } = (await container.wait()) as { StatusCode: number }
    if (StatusCode === 0) return null
    const { State } = await container.inspect()
    return { code: StatusCode, outOfMemory: State.OOMKilled || StatusCode === KILLED, output }
  } finally {
    // Its own end of the line: the types know a stream that can only be read and written.
    ;(stream as unknown as { destroy(): void }).destroy()
  }
}

/** @returns null, or what the engine says where the image lacks the program */
async function start(container: Dockerode.Container): Promise<string | null> {
  try {
    await container.start()
    return null
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === null || !NO_PROGRAM.test(reason)) throw error
    return reason
  }
}

/** Resolves when the stream has ended, however that came about: the container's state tells the rest. */
async function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  const lines = { stdout: new Lines(onLine), stderr: new Lines(onLine) }
  const demux = new Demux((name, bytes) => lines[name].push(bytes))
  stream.on('data', (chunk: Uint8Array) => demux.push(chunk))
  await new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve())
  })
  lines.stdout.end()
  lines.stderr.end()
}
