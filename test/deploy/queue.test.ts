import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildQueue, KeyedLock } from '../../src/deploy/queue.ts'

const test = suite('the queue of builds')

const never = new AbortController().signal

test('whatever is queued: bounded, in order per key, one of a key at a time, all of it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ key: fc.integer({ min: 1, max: 3 }), turns: fc.nat(3), fails: fc.boolean() })),
      async (limit, jobs) => {
        const queue = new BuildQueue(limit)
        const running: number[] = []
        const finished: number[] = []
        const work = jobs.map(({ key, turns, fails }, at) =>
          queue.add(
            key,
            async () => {
              assert.not.ok(running.includes(key))
              running.push(key)
              assert.ok(running.length <= limit)
              for (let turn = 0; turn < turns; turn++) await null
              running.splice(running.indexOf(key), 1)
              finished.push(at)
              if (fails) throw new Error('it failed')
            },
            never,
          ),
        )
        await Promise.all(work)
        assert.is(finished.length, jobs.length)
        for (const key of [1, 2, 3]) {
          const ofKey = finished.filter((at) => jobs[at]!.key === key)
          assert.equal(
            ofKey,
            ofKey.toSorted((a, b) => a - b),
          )
        }
      },
    ),
    { numRuns: 300 },
  ))

test('a job that is aborted while it waits runs at once, and keeps nobody’s place', async () => {
  const queue = new BuildQueue(1)
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const controller = new AbortController()
  const work = [
    queue.add(1, () => first.promise, never),
    queue.add(2, async () => void order.push('aborted'), controller.signal),
    queue.add(3, async () => void order.push('third'), never),
  ]
  controller.abort()
  await work[1]
  assert.equal(order, ['aborted'])
  first.resolve()
  await Promise.all(work)
  assert.equal(order, ['aborted', 'third'])
})

test('the lock lets one in per key, in order, and survives failures', async () => {
  const lock = new KeyedLock()
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const work = [
    lock.run(1, () => gate.promise.then(() => order.push('a'))),
    lock
      .run(1, async () => {
        order.push('b')
        throw new Error('it failed')
      })
      .catch(() => order.push('caught')),
    lock.run(1, async () => order.push('c')),
    lock.run(2, async () => order.push('other')),
  ]
  await work[3]
  assert.equal(order, ['other'])
  gate.resolve()
  await Promise.all(work)
  assert.equal(
    order.filter((entry) => entry !== 'caught'),
    ['other', 'a', 'b', 'c'],
  )
})

test.run()
