import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Limits, resolveLimits } from '../../src/domain/limits.ts'
import type { GatewayError } from '../../src/errors.ts'
import { Capacity } from '../../src/runtime/capacity.ts'
import { BootFailure, RuntimeUnavailable } from '../../src/runtime/failures.ts'
import { HangUp } from '../../src/runtime/hang-up.ts'
import { type Lease, Pool } from '../../src/runtime/pool.ts'
import type { Slot } from '../../src/runtime/slot.ts'
import { FakeInstance } from '../support/fake-instance.ts'
import { until } from '../support/runtime-harness.ts'

interface Rig {
  readonly pool: Pool
  readonly started: FakeInstance[]
  readonly exits: [Slot, string][]
  /** Lets the starts that wait go on. */
  open(): void
  fail: Error | null
}

function rig(
  limits: Limits,
  options: { queueLimit?: number; capacity?: Capacity; budgeted?: boolean; held?: boolean } = {},
): Rig {
  let gate: (() => void)[] = []
  let next = 1
  const state: Rig = {
    started: [],
    exits: [],
    fail: null,
    open() {
      const waiting = gate
      gate = []
      for (const go of waiting) go()
    },
    pool: new Pool({
      name: 'tested',
      callbackId: 1,
      limits: resolveLimits(limits),
      queueLimit: options.queueLimit ?? 100,
      capacity: options.capacity ?? new Capacity({ maxInstances: 100, memoryMb: 100_000 }),
      budgeted: options.budgeted ?? true,
      newId: () => `i${next++}`,
      onExit: (slot, exit) => state.exits.push([slot, exit.reason]),
      start: async (id) => {
        if (options.held === true) await new Promise<void>((resolve) => gate.push(resolve))
        if (state.fail !== null) throw state.fail
        const instance = new FakeInstance(id)
        state.started.push(instance)
        return instance
      },
    }),
  }
  return state
}

const soon = () => Date.now() + 5000
const acquire = (pool: Pool) => pool.tryAcquire() ?? pool.acquire(soon(), new HangUp())
async function failure(promise: Promise<unknown> | Lease): Promise<GatewayError> {
  try {
    await promise
  } catch (error) {
    return error as GatewayError
  }
  throw new Error('it did not fail')
}

const test = suite('pool')

test('one start serves all the calls that wait for it', async () => {
  const { pool, started, open } = rig({ concurrency: 64 }, { held: true })
  const waiting = Array.from({ length: 50 }, () => acquire(pool))
  await until(() => pool.slots.size === 1, 'a start was asked for')
  open()
  const leases = await Promise.all(waiting)
  assert.is(started.length, 1)
  assert.ok(leases.every((lease) => lease.start === 'cold' && lease.slot === leases[0]?.slot))
})

test('instances start as calls need them, never more than the limit', async () => {
  const { pool, started, open } = rig({ concurrency: 2, max_instances: 3 }, { held: true })
  const waiting = Array.from({ length: 10 }, () => acquire(pool))
  await until(() => pool.slots.size === 3, 'three starts were asked for')
  open()
  const six = await Promise.all(waiting.slice(0, 6))
  assert.is(started.length, 3)
  assert.is(pool.waiting, 4)
  for (const lease of six.slice(0, 4)) pool.release(lease)
  const rest = await Promise.all(waiting.slice(6))
  assert.ok(rest.every((lease) => lease.start === 'warm' && lease.queueMs >= 0))
})

test('tells warm from prewarmed', async () => {
  const { pool } = rig({ min_instances: 1 })
  await pool.boot()
  const first = pool.tryAcquire()
  const second = pool.tryAcquire()
  assert.is(first?.start, 'prewarmed')
  assert.is(second?.start, 'warm')
})

test('the queue is bounded, and says what to do', async () => {
  const { pool } = rig({ concurrency: 1, max_instances: 1 }, { queueLimit: 2 })
  await acquire(pool)
  const callers = [new HangUp(), new HangUp()]
  const waiting = callers.map((hangUp) => failure(pool.acquire(soon(), hangUp)))
  const error = await failure(acquire(pool))
  assert.is(error.code, 'queue_full')
  assert.is(error.extras.retry_after, 1)
  assert.is(pool.waiting, 2)
  for (const hangUp of callers) hangUp.fire()
  await Promise.all(waiting)
})

test('a call does not wait beyond its deadline, nor after its caller hung up', async () => {
  const { pool } = rig({ concurrency: 1, max_instances: 1 })
  await acquire(pool)
  assert.is((await failure(pool.acquire(Date.now() + 20, new HangUp()))).code, 'queue_timeout')
  const hangUp = new HangUp()
  const pending = failure(pool.acquire(soon(), hangUp))
  hangUp.fire()
  assert.is((await pending).code, 'client_closed')
  assert.is(pool.waiting, 0)
})

test('a failed start fails those who wait, then refuses at once for a while, then tries again', async () => {
  const state = rig({})
  state.fail = new RuntimeUnavailable('no host', 'start one')
  assert.is((await failure(acquire(state.pool))).code, 'start_failed')
  state.fail = null
  assert.is((await failure(acquire(state.pool))).code, 'start_failed')
  assert.is(state.started.length, 0)
  let lease: Lease | null = null
  await until(async () => {
    lease = await Promise.resolve(acquire(state.pool)).catch(() => null)
    return lease !== null
  }, 'a start succeeded')
  assert.is(state.started.length, 1)
})

test('a boot failure reaches the caller as it is', async () => {
  const state = rig({})
  state.fail = new BootFailure('module_threw', { name: 'Error', message: 'broken', stack: '' })
  assert.is(await failure(acquire(state.pool)), state.fail as unknown as GatewayError)
})

test('mode job: an instance per call', async () => {
  const { pool, started, exits } = rig({ mode: 'job' })
  const first = await acquire(pool)
  const second = await acquire(pool)
  assert.is.not(first.slot, second.slot)
  pool.release(first)
  await until(() => exits.length === 1, 'the first instance ended')
  assert.is(exits[0]?.[1], 'job_done')
  assert.is(started.length, 2)
})

test('idle instances end, down to the minimum', async () => {
  const { pool, exits } = rig({ concurrency: 1, min_instances: 1, max_instances: 3, idle_ms: 10 })
  const leases = await Promise.all([acquire(pool), acquire(pool), acquire(pool)])
  pool.reap(Date.now() + 1000)
  assert.is(exits.length, 0, 'busy instances stay')
  for (const lease of leases) pool.release(lease)
  pool.reap(Date.now() + 5)
  assert.is(exits.length, 0, 'idle for less than idle_ms')
  pool.reap(Date.now() + 1000)
  await until(() => exits.length === 2, 'two instances ended')
  assert.is(pool.slots.size, 1)
})

test('the pool comes back to its minimum when an instance ends by itself', async () => {
  const { pool, started } = rig({ min_instances: 2 })
  pool.fill()
  await until(() => started.length === 2, 'the minimum was started')
  started[0]?.end('crash')
  await until(() => started.length === 3, 'the ended one was replaced')
  assert.is(pool.slots.size, 2)
})

test('a retired pool finishes its calls, then ends its instances', async () => {
  const { pool, exits } = rig({ concurrency: 1 })
  const busy = await acquire(pool)
  const idle = await acquire(pool)
  pool.release(idle)
  const gone = pool.retire('replaced', 'version 2 serves now', 5000)
  await until(() => exits.length === 1, 'the idle one ended')
  assert.is(pool.slots.size, 1)
  assert.is(pool.tryAcquire(), null)
  pool.release(busy)
  await gone
  assert.equal(
    exits.map(([, reason]) => reason),
    ['replaced', 'replaced'],
  )
})

test('a retired pool serves the calls that were waiting already', async () => {
  const { pool, open, started } = rig({ concurrency: 1, max_instances: 1 }, { held: true })
  const waiting = acquire(pool)
  await until(() => pool.slots.size === 1, 'a start was asked for')
  const gone = pool.retire('replaced', 'version 2 serves now', 5000)
  open()
  const lease = await waiting
  assert.is(lease.start, 'cold')
  pool.release(lease)
  await gone
  assert.is(started[0]?.closed, 'replaced')
})

test('a retired pool ends calls that outlast the grace', async () => {
  const { pool, started } = rig({})
  await acquire(pool)
  await pool.retire('undeployed', 'it was deleted', 10)
  assert.is(started[0]?.closed, 'undeployed')
})

test('beyond the bound on all instances, the longest idle of any pool gives way', async () => {
  const capacity = new Capacity({ maxInstances: 2, memoryMb: 100_000 })
  const first = rig({ concurrency: 1 }, { capacity })
  const second = rig({ concurrency: 1 }, { capacity })
  const older = await acquire(first.pool)
  const newer = await acquire(second.pool)
  const refused = rig({}, { capacity })
  assert.is((await failure(acquire(refused.pool))).code, 'start_failed', 'all are at work')
  first.pool.release(older)
  second.pool.release(newer)
  older.slot.idleSince -= 1000
  const third = rig({ concurrency: 1 }, { capacity })
  await acquire(third.pool)
  assert.is(first.started[0]?.closed, 'evicted')
  assert.is(second.started[0]?.closed, null)
  assert.is(capacity.used, 2)
})

test('beyond the memory budget, the longest idle of any pool gives way, and never one that is in a call', async () => {
  const capacity = new Capacity({ maxInstances: 100, memoryMb: 64 })
  const rigs = [rig({}, { capacity }), rig({}, { capacity }), rig({}, { capacity })]
  const leases: Lease[] = []
  for (const { pool, started } of rigs) {
    leases.push(await acquire(pool))
    started[0]!.memoryMb = 20
  }
  assert.is(capacity.memoryMb(), 63)
  const [first, second, third] = rigs as [Rig, Rig, Rig]
  const refused = await failure(acquire(rig({}, { capacity }).pool))
  assert.is(refused.code, 'start_failed', 'all are at work')
  assert.match(refused.message, /FAAS_ISOLATE_MEMORY_MB/)
  first.pool.release(leases[0]!)
  second.pool.release(leases[1]!)
  leases[1]!.slot.idleSince -= 1000
  await acquire(rig({}, { capacity }).pool)
  assert.is(second.started[0]?.closed, 'evicted')
  assert.is(first.started[0]?.closed, null)
  third.started[0]!.memoryMb = 45
  await capacity.reap(Date.now())
  assert.is(first.started[0]?.closed, 'evicted', 'one that is idle goes when another one grows')
  assert.is(third.started[0]?.closed, null, 'it is at work')
})

test('two looks at once end no more instances than one', async () => {
  const capacity = new Capacity({ maxInstances: 100, memoryMb: 64 })
  const rigs = [rig({}, { capacity }), rig({}, { capacity }), rig({}, { capacity })]
  for (const { pool, started } of rigs) {
    pool.release((await acquire(pool)) as Lease)
    started[0]!.memoryMb = 25
  }
  await Promise.all([capacity.reap(Date.now()), capacity.reap(Date.now())])
  assert.is(rigs.filter(({ started }) => started[0]!.closed !== null).length, 1)
})

test('instances with memory of their own are not in the budget', async () => {
  const capacity = new Capacity({ maxInstances: 100, memoryMb: 64 })
  const { pool, started } = rig({}, { capacity, budgeted: false })
  await acquire(pool)
  started[0]!.memoryMb = 1000
  assert.is(capacity.memoryMb(), 0)
  await acquire(rig({}, { capacity }).pool)
})

test.run()
