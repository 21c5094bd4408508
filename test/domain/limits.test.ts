import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEFAULT_LIMITS, LIMIT_RANGES, type Limits, resolveLimits } from '../../src/domain/limits.ts'

const test = suite('limits')

test('the defaults are those of the contract', () => {
  const { timeout_ms, memory_mb, min_instances, mode, cpu_ms } = resolveLimits({})
  assert.equal(
    { timeout_ms, memory_mb, min_instances, mode, cpu_ms },
    {
      timeout_ms: 30_000,
      memory_mb: 128,
      min_instances: 0,
      mode: 'warm',
      cpu_ms: null,
    },
  )
})

test('a job takes one call per instance, whatever was asked', () => {
  assert.is(resolveLimits({ mode: 'job' }).concurrency, 1)
  assert.is(resolveLimits({ mode: 'job', concurrency: 10 }).concurrency, 1)
})

test('a CPU limit counts one call at a time, unless asked otherwise', () => {
  assert.is(resolveLimits({ cpu_ms: 50 }).concurrency, 1)
  assert.is(resolveLimits({ cpu_ms: 50, concurrency: 8 }).concurrency, 8)
  assert.is(resolveLimits({}).concurrency, DEFAULT_LIMITS.concurrency)
})

test('one call at a time gets more instances', () => {
  assert.is(resolveLimits({}).max_instances, DEFAULT_LIMITS.max_instances)
  assert.ok(resolveLimits({ cpu_ms: 50 }).max_instances > DEFAULT_LIMITS.max_instances)
  assert.is(resolveLimits({ cpu_ms: 50, max_instances: 2 }).max_instances, 2)
})

test('the most is never below the least by default', () => {
  assert.is(resolveLimits({ min_instances: 50 }).max_instances, 50)
})

test('whatever is in range stays in range, and what was asked is kept', () => {
  const fields = Object.fromEntries(
    Object.entries(LIMIT_RANGES).map(([name, [min, max]]) => [name, fc.integer({ min, max })]),
  )
  const limits = fc.record({ ...fields, mode: fc.constantFrom('warm', 'job') }, { requiredKeys: [] })
  fc.assert(
    fc.property(limits as fc.Arbitrary<Limits>, (asked) => {
      const resolved = resolveLimits(asked)
      for (const [name, [min, max]] of Object.entries(LIMIT_RANGES)) {
        const value = resolved[name as keyof typeof LIMIT_RANGES]
        assert.ok(value === null || (value >= min && value <= max), `${name} is ${value}`)
      }
      const kept = { ...resolved, ...asked, concurrency: resolved.concurrency }
      assert.equal(resolved, kept)
    }),
  )
})

test.run()
