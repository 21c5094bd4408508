import * as assert from 'uvu/assert'
import type { Case } from '../contract.ts'
import { artifact, BUILD_ERROR, build, callbackInput, deployed, logLine, rejection } from '../fixtures.ts'

export function storeCases(test: Case): void {
  test('it answers a ping', async (store) => {
    await store.ping()
  })

  test('its revision counts up with what others must know, and only then', async (store) => {
    let last = await store.revision()
    const counts = async (expected: boolean, name: string, change: () => Promise<unknown>) => {
      await change()
      const next = await store.revision()
      assert.is(next > last, expected, `${name}: from ${last} to ${next}`)
      last = next
    }
    let id = 0
    await counts(true, 'create', async () => {
      id = (await store.callbacks.create(callbackInput())).callback_id
    })
    await counts(true, 'update', () => store.callbacks.update(id, { code: '1' }))
    await counts(true, 'open', () => store.deployments.open(id, build()))
    await counts(false, 'put', () => store.artifacts.put(artifact('d1')))
    await counts(false, 'progress', () => store.deployments.progress(id, 1, { step: 'boot', artifact: 'd1' }))
    await counts(false, 'build log', () => store.deployments.appendLog(id, 1, ['line']))
    await counts(true, 'activate', () => store.deployments.activate(id, 1, 'gateway-1', {}))
    await counts(false, 'log', () => store.records.addLogs([logLine(id)]))
    await counts(false, 'refused', () => rejection(store.callbacks.create(callbackInput())))
    await store.deployments.open(id, build())
    last = await store.revision()
    await counts(true, 'fail', () => store.deployments.fail(id, 2, BUILD_ERROR, {}))
    await counts(true, 'retire', () => store.deployments.retire(id))
    await counts(true, 'set status', () => store.deployments.setStatus(id, 'pending'))
    await counts(true, 'delete', () => store.callbacks.delete(id))
    await counts(false, 'reading', () => store.callbacks.list())
  })

  test('writes take effect in the order of their calls', async (store) => {
    const id = await deployed(store)
    const codes = Array.from({ length: 20 }, (_, index) => `code ${index}`)
    await Promise.all(codes.map((code) => store.callbacks.update(id, { code })))
    assert.is((await store.callbacks.get(id))?.code, codes.at(-1))
  })

  test('closing waits for running writes, and what comes later is refused', async (store) => {
    const writes = Array.from({ length: 5 }, (_, index) =>
      store.callbacks.create(callbackInput({ path: `p${index}` })),
    )
    const closed = Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()])
    const late = await rejection(store.callbacks.create(callbackInput({ path: 'late' })))
    assert.is(late.name, 'StoreError')
    assert.match(late.message, 'it is closed')
    assert.is((await Promise.all(writes)).length, 5)
    await closed
    assert.match((await rejection(store.callbacks.list())).message, 'it is closed')
    assert.match((await rejection(store.ping())).message, 'it is closed')
  })
}
