import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../../../support/skip.ts'
import { type Sandbox, sandbox } from './harness.ts'

/** Whether isolated-vm can be loaded here; on Deno it cannot. */
export const SKIP = 'Deno' in globalThis ? 'isolated-vm needs an API of V8 that Deno does not offer' : null

/** Tells why a suite is skipped; uvu itself keeps the reason to itself. */
export function skipSuite(test: Test, reason: string): void {
  skip(test, 'an isolate in this process', { name: 'isolated-vm', missing: reason })
}

const EVALUATOR = `
  const AsyncFunction = (async () => {}).constructor
  export default async (request) => {
    const value = await new AsyncFunction('request', await request.text())(request)
    return Response.json({ value })
  }
`

export type Evaluate = (source: string) => Promise<unknown>

/** An isolate that runs the bodies of async functions, and answers what they return. */
export async function evaluator(mode: 'snapshot' | 'compiled'): Promise<{ box: Sandbox; run: Evaluate }> {
  const box = await sandbox(EVALUATOR, mode)
  const run: Evaluate = async (source) => {
    const { text, fail } = await box.call({ method: 'POST', body: source })
    if (fail !== null) throw new Error(`${fail.name}: ${fail.message}\n${fail.stack}`)
    return JSON.parse(text).value
  }
  return { box, run }
}

/** One line of a table: source of an async function's body, and what it must return. */
export type Case = readonly [name: string, source: string, expected: unknown]

/** Runs a table's lines in one isolate. */
export async function checkAll(run: Evaluate, cases: readonly Case[]): Promise<void> {
  const wrong: string[] = []
  for (const [name, source, expected] of cases) {
    try {
      assert.equal(await run(source), expected)
    } catch (error) {
      wrong.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  assert.equal(wrong, [])
}
