import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import type { CallbackInput } from '../../src/domain/callback.ts'
import type { Artifact, BuildError } from '../../src/domain/deployment.ts'
import type { Invocation, LogLine } from '../../src/domain/outcome.ts'
import type { InstanceExit, Store } from '../../src/store/store.ts'

/** A callback as the API hands it in. */
export function callbackInput(changes: Partial<CallbackInput> = {}): CallbackInput {
  return {
    path: 'hello',
    method: 'GET',
    type: 'node',
    code: 'export const handler = () => 1',
    library: null,
    env: {},
    chat_id: null,
    limits: {},
    response_mode: 'proxy',
    ...changes,
  }
}

/** How a build is opened; its lease holds for a minute. */
export function build(owner = 'gateway-1', lease_until = Date.now() + 60_000) {
  return { runtime: 'isolate', c_type: 'auto', owner, lease_until } as const
}

/** A callback with an active deployment, perhaps with an artifact. */
export async function deployed(
  store: Store,
  input: Partial<CallbackInput> = {},
  artifact?: Artifact,
): Promise<number> {
  const { callback_id } = await store.callbacks.create(callbackInput(input))
  await deployAgain(store, callback_id, artifact)
  return callback_id
}

/** Builds and activates one more version. */
export async function deployAgain(store: Store, id: number, artifact?: Artifact): Promise<number> {
  const { version } = await store.deployments.open(id, build())
  if (artifact !== undefined) {
    await store.artifacts.put(artifact)
    await store.deployments.progress(id, version, { artifact: artifact.digest })
  }
  const activated = await store.deployments.activate(id, version, 'gateway-1', { total: 1 })
  if (!activated) throw new Error(`version ${version} of callback ${id} was not activated`)
  return version
}

export function artifact(digest: string, files: Record<string, Uint8Array> = {}): Artifact {
  return { kind: 'javascript', digest, files: { 'main.js': new TextEncoder().encode(digest), ...files } }
}

export const BUILD_ERROR: BuildError = {
  code: 'syntax_error',
  message: 'Expected ";" but found "}"',
  step: 'bundle',
  file: 'index.ts',
  line: 3,
  column: 14,
}

export function invocation(callback_id: number, changes: Partial<Invocation> = {}): Invocation {
  return {
    request_id: 'r-1',
    callback_id,
    version: 1,
    runtime: 'isolate',
    instance_id: 'i-1',
    status: 200,
    lambda_status_code: 200,
    start: 'cold',
    phases: { queue: 0.25, start: 3, total: 12.5 },
    peak_memory_mb: 4.5,
    outcome: 'answered',
    error: null,
    time: '2030-01-01T00:00:00.000Z',
    ...changes,
  }
}

export function logLine(callback_id: number, changes: Partial<LogLine> = {}): LogLine {
  return {
    callback_id,
    version: 1,
    instance_id: 'i-1',
    request_id: 'r-1',
    level: 'info',
    time: '2030-01-01T00:00:00.000Z',
    message: 'hello',
    ...changes,
  }
}

export function instanceExit(callback_id: number, changes: Partial<InstanceExit> = {}): InstanceExit {
  return {
    instance_id: 'i-1',
    callback_id,
    version: 1,
    runtime: 'isolate',
    reason: 'memory',
    detail: 'it used 130 MiB of 128 MiB',
    limit: 128,
    used: 130.5,
    cpu_ms: 12,
    peak_memory_mb: 130.5,
    last_request_id: 'r-9',
    requests: 7,
    started_at: '2030-01-01T00:00:00.000Z',
    ended_at: '2030-01-01T00:00:01.000Z',
    last_logs: [
      { request_id: null, level: 'error', time: '2030-01-01T00:00:00.500Z', message: 'no \0 more "memory"' },
    ],
    ...changes,
  }
}

/** Text that databases and wires are known to spoil. */
export const HARD_TEXTS = {
  empty: '',
  'a NUL': 'before\0after',
  'half a surrogate pair': 'x\ud800y',
  'the mark of encoded text': '\u0001json:"x"',
  'quotes and newlines': `'"\`\r\n\t;-- :name ?`,
  'other scripts': 'größe 日本語 😀 \u{10ffff}',
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof Error) return outcome.error as never
  throw new Error(`it should have been rejected: ${JSON.stringify(outcome)}`)
}

/** A folder that is deleted at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-store-'))
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
