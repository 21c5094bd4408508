import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { TestServer } from '../support/server.ts'
import type { Case } from './case.ts'
import { judge, type Target } from './judge.ts'
import type { Neighbours } from './neighbours.ts'

/** Declares the cases, those that HOSTILE_CASE names where it is set, and after them what the neighbours say. */
export function declareCases(
  test: Test,
  server: TestServer,
  neighbours: Neighbours,
  cases: readonly Case[],
  target?: Target,
): void {
  const only = process.env.HOSTILE_CASE
  for (const one of cases.filter(({ name }) => only === undefined || name === only)) {
    const limits = Object.entries(one.limits).map(([name, value]) => `${name} ${value}`)
    test(`${one.name} (${limits.join(', ')})`, async () => {
      const seen = await judge(server, one, target)
      assert.equal(neighbours.failures, [], 'calls of other functions')
      if (only !== undefined)
        console.log(`${one.name}: ${JSON.stringify({ ...seen, text: seen.text.slice(0, 400) })}`)
    })
  }

  test('the neighbours never noticed', async () => {
    await neighbours.stop()
    assert.equal(neighbours.failures, [])
    console.log(
      `  ${neighbours.calls()} calls of neighbours, the slowest ${Math.round(neighbours.slowest())} ms`,
    )
  })
}
