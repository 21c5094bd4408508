import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import * as path from 'node:path'
import { FrameReader, FrameWriter } from '../../frames.ts'
import { TYPE } from '../../wire.ts'
import { hostArguments } from './host-process.ts'

/** What every isolate starts from. */
export interface PreludeFiles {
  readonly code: Uint8Array
  /** Null where this Node's snapshots do not survive their self-test: isolates then compile the code. */
  readonly snapshot: Uint8Array | null
}

export interface PreludeOptions {
  readonly node: string
  readonly program: string
  readonly readable: readonly string[]
  /** Where the bundle and the snapshot are kept between starts. */
  readonly cacheDir: string
  /** Bundles the prelude; `inputs` are the files it was made from. */
  readonly build: () => Promise<{ code: string; inputs: readonly string[] }>
  readonly log: (message: string) => void
}

const SNAPSHOT_WITHIN = 20_000

/**
 * The prelude's bundle and its snapshot, from the cache while no source has changed, else made anew. A cache
 * that cannot be written costs time at the next start and nothing else.
 * @throws the signal's reason: what was begun is ended, and nothing of it kept
 */
export async function loadPrelude(options: PreludeOptions, signal: AbortSignal): Promise<PreludeFiles> {
  const index = path.join(options.cacheDir, 'prelude.json')
  const known = await readIndex(index)
  if (
    known !== null &&
    known.node === (await nodeIdentity(options.node)) &&
    (await fingerprint(known.inputs)) === known.fingerprint
  ) {
    const code = await readFile(path.join(options.cacheDir, 'prelude.js')).catch(() => null)
    const snapshot = await readFile(path.join(options.cacheDir, 'prelude.snapshot')).catch(() => null)
    if (code !== null && digest([code, snapshot ?? new Uint8Array(0)]) === known.digest)
      return { code, snapshot }
  }
  const built = await options.build()
  const code = new TextEncoder().encode(built.code)
  signal.throwIfAborted()
  const snapshot = await makeSnapshot(options, code, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    options.log(
      `isolates start from compiled code, some 50 ms slower: no snapshot could be made: ${String(error)}`,
    )
    return null
  })
  const entry: Index = {
    node: await nodeIdentity(options.node),
    inputs: built.inputs,
    fingerprint: await fingerprint(built.inputs),
    digest: digest([code, snapshot ?? new Uint8Array(0)]),
  }
  await save(options.cacheDir, {
    'prelude.js': code,
    'prelude.snapshot': snapshot,
    'prelude.json': JSON.stringify(entry),
  }).catch((error: unknown) => options.log(`the prelude could not be cached: ${String(error)}`))
  return { code, snapshot }
}

interface Index {
  node: string
  inputs: readonly string[]
  fingerprint: string
  digest: string
}

async function readIndex(file: string): Promise<Index | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Index
  } catch {
    return null
  }
}

/** Snapshots belong to one V8: a Node that was replaced where it stood is another. */
async function nodeIdentity(executable: string): Promise<string> {
  const found = await stat(executable).catch(() => null)
  return found === null ? executable : `${executable} ${found.size} ${found.mtimeMs}`
}

/** Changes whenever a source file does. */
async function fingerprint(files: readonly string[]): Promise<string> {
  try {
    return digest(await Promise.all(files.map((file) => readFile(file))))
  } catch {
    return ''
  }
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

async function save(dir: string, files: Record<string, Uint8Array | string | null>): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    if (content === null) continue
    const part = path.join(dir, `${name}.${process.pid}.part`)
    await writeFile(part, content)
    await rename(part, path.join(dir, name))
  }
}

/** isolated-vm keeps snapshotting outside its protection, so it is done in a process of its own, on our code alone. */
function makeSnapshot(
  options: PreludeOptions,
  code: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const child = spawn(options.node, hostArguments(options.program, options.readable, 'snapshot'), {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const socket = child.stdio[3] as Socket
  let stderr = ''
  child.stderr?.on('data', (text: Uint8Array) => {
    stderr = (stderr + String(text)).slice(-1000)
  })
  return new Promise<Uint8Array | null>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it took too long')), SNAPSHOT_WITHIN)
    const reader = new FrameReader((message) => {
      if (message.type !== TYPE.SNAPSHOT) return
      clearTimeout(timer)
      resolve(message.data === null ? null : (message.data as Uint8Array).slice())
    })
    socket.on('data', (chunk: Uint8Array) => reader.push(chunk))
    socket.on('error', () => undefined)
    child.on('error', reject)
    child.on('exit', () => {
      clearTimeout(timer)
      reject(new Error(stderr.trim() || 'the process that makes it ended'))
    })
    const writer = new FrameWriter()
    const head = JSON.stringify({ code: code.length, blanks: 0 })
    writer.write({ type: TYPE.PRELUDE, instance: 0, id: 0, head, data: code })
    socket.write(writer.take())
  }).finally(() => child.kill('SIGKILL'))
}
