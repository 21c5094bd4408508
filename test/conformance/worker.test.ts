// @timeout 180
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import { skip } from '../support/skip.ts'
import { conformance } from './cases.ts'
import { createSubject, SETTINGS } from './subject.ts'

const test = suite('calling a function in a Deno worker')

if ('Deno' in globalThis) {
  // A Node that is not there: the gateway falls back on workers.
  const server = await startServer({ ...SETTINGS, FAAS_NODE: '/nowhere/node' })
  const about = { runtime: 'worker', cType: 'isolate', language: 'node', hard: [] } as const
  conformance(test, createSubject(server, about))
  test('the gateway ends in peace after all of it', async () => {
    assert.equal(await server.stop(), { code: 0, signal: null })
  })
  test.after(async () => {
    await server.kill()
  })
} else {
  skip(test, 'the whole table', { name: 'worker', missing: 'workers exist on Deno only' })
}

test.run()
