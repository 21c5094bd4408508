import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import { callbackInput, HARD_TEXTS, instanceExit, invocation, logLine } from '../fixtures.ts'

export function recordCases(test: Case): void {
  test('invocations are read as they were added, newest first', async ({ callbacks, records }) => {
    const { callback_id: id } = await callbacks.create(callbackInput())
    const rows = [
      invocation(id, { request_id: 'r-1' }),
      invocation(id, {
        request_id: 'r-2',
        instance_id: null,
        start: null,
        peak_memory_mb: null,
        phases: { total: 1 },
      }),
      invocation(id, {
        request_id: 'r-3',
        status: 504,
        lambda_status_code: 504,
        outcome: 'killed',
        error: 'x\0y',
      }),
    ]
    await records.addInvocations(rows)
    await records.addInvocations([])
    assert.equal(await records.invocations(id, 10), rows.toReversed())
    assert.equal(await records.invocations(id, 2), rows.toReversed().slice(0, 2))
    assert.equal(await records.invocations(id, 0), [])
    assert.equal(await records.invocations(99, 10), [])
  })

  test('exits are read as they were added, newest first', async ({ callbacks, records }) => {
    const { callback_id: id } = await callbacks.create(callbackInput())
    const rows = [
      instanceExit(id),
      instanceExit(id, {
        reason: 'idle',
        limit: null,
        used: null,
        cpu_ms: null,
        peak_memory_mb: null,
        last_request_id: null,
      }),
    ]
    await records.addExits(rows)
    assert.equal(await records.exits(id, 10), rows.toReversed())
    assert.equal(await records.exits(id, 1), [rows[1]])
  })

  test('log lines are read as they were added, oldest first', async ({ callbacks, records }) => {
    const { callback_id: id } = await callbacks.create(callbackInput())
    const lines = [
      logLine(id, { request_id: null, level: 'error' }),
      ...Object.values(HARD_TEXTS).map((message) => logLine(id, { message })),
    ]
    await records.addLogs(lines)
    const found = await records.logs(id, { limit: 100 })
    assert.equal(
      found.map(({ id: _, ...line }) => line),
      lines,
    )
    const last = await records.logs(id, { limit: 2 })
    assert.equal(last, found.slice(-2))
    assert.equal(await records.logs(id, { limit: 2, after: found[0]!.id }), found.slice(1, 3))
    assert.equal(await records.logs(id, { limit: 100, after: found.at(-1)!.id }), [])
    assert.equal(await records.logs(id, { limit: 100, after: 0 }), found)
  })

  test('rows of several callbacks go in together, those of a deleted one are left out', async (store) => {
    const { records } = store
    const a = await store.callbacks.create(callbackInput({ path: 'a' }))
    const b = await store.callbacks.create(callbackInput({ path: 'b' }))
    const gone = 4711
    await records.addLogs([a.callback_id, gone, b.callback_id, a.callback_id].map((id) => logLine(id)))
    await records.addInvocations([invocation(gone), invocation(b.callback_id)])
    await records.addExits([instanceExit(gone), instanceExit(b.callback_id)])
    assert.is((await records.logs(a.callback_id, { limit: 9 })).length, 2)
    assert.is((await records.logs(b.callback_id, { limit: 9 })).length, 1)
    assert.is((await records.logs(gone, { limit: 9 })).length, 0)
    assert.is((await records.invocations(b.callback_id, 9)).length, 1)
    assert.is((await records.exits(b.callback_id, 9)).length, 1)
  })

  test('many and long lines are kept and read whole', async ({ callbacks, records }) => {
    const { callback_id: id } = await callbacks.create(callbackInput())
    const lines = Array.from({ length: 200 }, (_, index) =>
      logLine(id, { message: `${index}${'y'.repeat(65_000)}` }),
    )
    await records.addLogs(lines)
    const found = await records.logs(id, { limit: 1000 })
    assert.equal(
      found.map(({ message }) => message),
      lines.map(({ message }) => message),
    )
    assert.is((await records.logs(id, { limit: 150, after: found[9]!.id })).at(-1)?.id, found[159]?.id)
  })

  test('trim keeps the newest of each callback', async ({ callbacks, records }) => {
    const a = (await callbacks.create(callbackInput({ path: 'a' }))).callback_id
    const b = (await callbacks.create(callbackInput({ path: 'b' }))).callback_id
    const ids = [...Array<number>(30).fill(a), b, b]
    await records.addLogs(ids.map((id, index) => logLine(id, { message: String(index) })))
    await records.addInvocations(ids.map((id, index) => invocation(id, { request_id: String(index) })))
    await records.addExits(ids.map((id, index) => instanceExit(id, { requests: index })))
    const before = await records.logs(a, { limit: 99 })
    await records.trim({ invocations: 3, logs: 2, exits: 1 })
    assert.equal(await records.logs(a, { limit: 99 }), before.slice(-2))
    assert.is((await records.logs(b, { limit: 99 })).length, 2)
    assert.equal(
      (await records.invocations(a, 99)).map(({ request_id }) => request_id),
      ['29', '28', '27'],
    )
    assert.equal(
      (await records.exits(b, 99)).map(({ requests }) => requests),
      [31],
    )
    await records.addLogs([logLine(a), logLine(a), logLine(a)])
    await records.trim({ invocations: 3, logs: 2, exits: 1 })
    const after = await records.logs(a, { limit: 99 })
    assert.is(after.length, 2)
    assert.ok(after[0]!.id > before.at(-1)!.id, 'ids go on counting')
    await records.addLogs([logLine(b)])
    await records.trim({ invocations: 0, logs: 0, exits: 0 })
    assert.equal(await records.logs(b, { limit: 99 }), [])
  })

  test('trim gets through more rows than it deletes at once', async ({ callbacks, records }) => {
    const { callback_id: id } = await callbacks.create(callbackInput())
    await records.addLogs(Array.from({ length: 4500 }, () => logLine(id)))
    await records.trim({ invocations: 1, logs: 10, exits: 1 })
    assert.is((await records.logs(id, { limit: 9999 })).length, 10)
  })
}
