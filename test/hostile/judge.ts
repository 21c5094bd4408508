import * as assert from 'uvu/assert'
import type { TestServer } from '../support/server.ts'
import { type Case, type Expected, fixture, LATE } from './case.ts'

interface Seen {
  readonly status: number
  readonly code: string | undefined
  readonly kill: { reason: string; limit: number | null; used: number | null } | undefined
  readonly text: string
  readonly broke: boolean
  readonly ms: number
}

interface Exit {
  readonly reason: string
  readonly limit: number | null
  readonly used: number | null
  readonly last_logs: readonly { message: string }[]
}

let next = 1

/** What the functions are written in, and where they run. */
export interface Target {
  readonly type: 'node' | 'python'
  readonly cType: string
  readonly source: (name: string) => string
  /** A call that is ended takes its instance along. */
  readonly instanceGoes: boolean
}

const ISOLATE: Target = { type: 'node', cType: 'isolate', source: fixture, instanceGoes: true }

/** Deploys the function, calls it calm, hostile and calm again, and looks at what the gateway says of it. */
export async function judge(server: TestServer, one: Case, target = ISOLATE): Promise<Seen> {
  const path = `hostile-${next++}`
  const { type, cType } = target
  const code = target.source(one.name)
  const { callback_id: id } = await server.register({ path, type, code, limits: one.limits })
  await server.deploy(id, cType)
  const calm = async (when: string) => {
    const answer = await server.call(`${path}?calm`)
    assert.is(answer.status, 200, `${when}: ${await answer.text()}`)
  }
  try {
    await calm('before')
    const seen = await look(server, path, one)
    const limit = one.within ?? Number(one.limits.timeout_ms ?? 30_000) + LATE
    assert.ok(seen.ms <= limit, `it was answered after ${Math.round(seen.ms)} ms: ${limit} are allowed`)
    assert.ok(
      one.answers.some((expected) => fits(expected, seen)),
      `unexpected answer: ${JSON.stringify({ ...seen, text: seen.text.slice(0, 300) })}`,
    )
    assert.is(seen.broke, one.cut ?? false, 'whether the body broke off')
    // What it broke of its own realm stays broken there; a new deployment begins afresh.
    if (one.spoils === true) await server.deploy(id, cType)
    // Work that goes on after the answer holds up the next call, until that work is ended.
    if (one.exit !== undefined) await ledger(server, id, one.exit)
    await calm('after')
    if (seen.kill !== undefined && seen.kill.reason !== 'crash') {
      assert.type(seen.kill.limit, 'number')
      assert.type(seen.kill.used, 'number')
    }
    const reason = seen.kill?.reason
    if (target.instanceGoes && reason !== undefined && reason !== 'crash') await ledger(server, id, reason)
    if (one.log !== undefined) await logged(server, id, one.log)
    return seen
  } finally {
    await server.api(`/callbacks/${id}`, { method: 'DELETE' })
  }
}

async function look(server: TestServer, path: string, one: Case): Promise<Seen> {
  const began = performance.now()
  const answer = await server.call(path)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  let broke = false
  try {
    for await (const piece of answer.body ?? []) {
      bytes += piece.length
      if (text.length < 4_000_000) text += decoder.decode(piece, { stream: true })
      if (one.read !== undefined && bytes >= one.read) break
    }
  } catch {
    broke = true
  }
  const problem = answer.headers.get('content-type') === 'application/problem+json' ? JSON.parse(text) : {}
  const { code, kill } = problem
  return { status: answer.status, code, kill, text, broke, ms: performance.now() - began }
}

function fits(expected: Expected, seen: Seen): boolean {
  if (expected.status !== seen.status || expected.code !== seen.code) return false
  if (expected.kill !== seen.kill?.reason) return false
  if (expected.text === undefined) return true
  return typeof expected.text === 'string' ? expected.text === seen.text : expected.text.test(seen.text)
}

/** The instance that was ended is in the ledger, with its reason and its numbers. */
async function ledger(server: TestServer, id: number, reason: string): Promise<void> {
  const exit = await eventually(async () => {
    const { ended } = (await (await server.api(`/callbacks/${id}/instances`)).json()) as { ended: Exit[] }
    return ended.find((row) => row.reason === reason)
  }, `an exit for ${reason}`)
  if (reason !== 'crash') {
    assert.type(exit.limit, 'number')
    assert.type(exit.used, 'number')
  }
  assert.ok(Array.isArray(exit.last_logs))
}

async function logged(server: TestServer, id: number, pattern: RegExp): Promise<void> {
  await eventually(async () => {
    const lines = (await (await server.api(`/callbacks/${id}/logs?limit=1000`)).json()) as {
      message: string
    }[]
    return lines.find(({ message }) => pattern.test(message))
  }, `a line like ${pattern}`)
}

/** Asks again until there is an answer. @throws Error after 5 s */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  what: string | (() => string),
): Promise<T> {
  const end = performance.now() + 5000
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited 5 s for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
