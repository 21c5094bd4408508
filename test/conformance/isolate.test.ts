// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import { conformance } from './cases.ts'
import { createSubject, SETTINGS } from './subject.ts'

const test = suite('calling a function in an isolate')
const server = await startServer(SETTINGS)

conformance(
  test,
  createSubject(server, { runtime: 'isolate', cType: 'isolate', language: 'node', hard: ['memory', 'cpu'] }),
)

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await server.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await server.kill()
})
test.run()
