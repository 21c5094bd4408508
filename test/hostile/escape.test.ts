// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import { fixture } from './case.ts'
import { ROUTES } from './cases/routes.ts'

const test = suite('routes out of the isolate')
const server = await startServer({ FAAS_ISOLATE_HOSTS: '1' })

test('the probe tells the host process from an isolate', async () => {
  const source = fixture('runs-what-it-is-sent')
  const body = source.slice(source.indexOf('const evidence'), source.indexOf('const caught'))
  const probe = new Function(`${body}; return evidence(realmOf({}))`) as () => string
  assert.not.equal(probe(), '', 'here, outside, it finds something')
})

for (const { name, code } of ROUTES) {
  test(`nothing is found by way of ${name}`, async () => {
    // A function for each: some of them change what their realm stands on.
    const { callback_id } = await server.register({
      path: `route-${ROUTES.findIndex((route) => route.name === name)}`,
      code: fixture('runs-what-it-is-sent'),
      limits: { timeout_ms: 10_000 },
    })
    const { path } = await server.deploy(callback_id, 'isolate')
    const answer = await server.call(path, { method: 'POST', body: code })
    const text = await answer.text()
    assert.is(answer.status, 200, text)
    assert.is(JSON.parse(text).found || '', '', 'what it found')
  })
}

test.after(async () => {
  assert.equal(await server.stop(), { code: 0, signal: null })
})
test.run()
