import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { SKIP, skipSuite } from '../../../runtimes/isolate/prelude/evaluate.ts'
import { sandbox } from '../../../runtimes/isolate/prelude/harness.ts'
import { BundlerFixture } from '../support.ts'

/** What a case came to: its value made plain, or how it failed. */
type Outcome =
  | { readonly value: unknown }
  | { readonly name: string; readonly message: string; readonly code?: string }

/**
 * Runs the same code in Node itself and, bundled, in an isolate, and compares what each case came to.
 * @param imports one line of imports that all cases share
 * @param cases bodies of async functions by name; what they return is compared as JSON has it
 */
export function sameAsNode(test: Test, imports: string, cases: Readonly<Record<string, string>>): void {
  if (SKIP !== null) {
    skipSuite(test, SKIP)
    return
  }
  const fixture = new BundlerFixture()
  test.after(() => fixture[Symbol.asyncDispose]())
  const source = sourceOf(imports, cases)
  let both: Promise<readonly [Ask, Ask]> | null = null
  const ready = () => {
    both ??= Promise.all([inNode(source), inIsolate(test, fixture, source)])
    return both
  }
  for (const name of Object.keys(cases)) {
    test(name, async () => {
      const [node, isolate] = await ready()
      const [expected, found] = [await node(name), await isolate(name)]
      assert.equal(found, expected)
    })
  }
}

type Ask = (name: string) => Promise<Outcome>

function sourceOf(imports: string, cases: Readonly<Record<string, string>>): string {
  const functions = Object.entries(cases).map(
    ([name, body]) => `${JSON.stringify(name)}: async () => {${body}}`,
  )
  return `${imports}
    const cases = {${functions.join(',\n')}}
    const run = async (name) => {
      try {
        return JSON.stringify({ value: (await cases[name]()) ?? null })
      } catch (error) {
        return JSON.stringify({ name: error.name, message: error.message, code: error.code })
      }
    }
    export default async (input) => typeof input === 'string' ? run(input) : new Response(await run(await input.text()))`
}

async function inNode(source: string): Promise<Ask> {
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  return async (name) => JSON.parse(await module.default(name))
}

async function inIsolate(test: Test, fixture: BundlerFixture, source: string): Promise<Ask> {
  const main = await fixture.main(source)
  const local = /export\{(\w+)(?: as callback)?\};?\s*$/.exec(main)![1]
  const box = await sandbox(`${main}\nexport default ${local}.default`)
  test.after(async () => box[Symbol.asyncDispose]())
  return async (name) => {
    const { text, fail } = await box.call({ method: 'POST', body: name })
    if (fail !== null) throw new Error(`${fail.name}: ${fail.message}\n${fail.stack}`)
    return JSON.parse(text)
  }
}
