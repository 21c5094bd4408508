import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveLimits } from '../../src/domain/limits.ts'
import { closedBy, closingNow } from '../../src/runtime/closing.ts'

const test = suite('what the ledger says of a closed instance')

const limits = resolveLimits({ timeout_ms: 300, memory_mb: 64 })

test('past its time: the limit, and how long it was there after all', () => {
  const { limit, used, reason } = closedBy(
    { ...closingNow('timeout', 'late'), since: Date.now() - 50 },
    limits,
  )
  assert.is(reason, 'timeout')
  assert.is(limit, 300)
  assert.ok(used !== null && used >= 350 && used < 1000, String(used))
})

test('past its memory: the limit and what it took', () => {
  assert.equal(closedBy(closingNow('memory', 'big', 120), limits), {
    reason: 'memory',
    detail: 'big',
    limit: 64,
    used: 120,
  })
})

test('for a peaceful reason: no numbers', () => {
  const exit = closedBy(closingNow('idle', 'idle'), limits)
  assert.equal(exit, { reason: 'idle', detail: 'idle', limit: null, used: null })
})

test.run()
