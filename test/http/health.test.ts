// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { httpApp } from '../support/http-app.ts'

const test = suite('health, readiness, metrics')

test('health touches neither the database nor a runtime', async () => {
  await using app = await httpApp({}, { runtimes: () => Promise.reject(new Error('never asked')) })
  app.store.ping = () => Promise.reject(new Error('never asked'))
  const { status, body } = await app.ask('GET', '/health')
  assert.is(status, 200)
  assert.is(body.status, 'healthy')
  assert.is(body.version, '1.2.3')
})

test('ready names every part; a runtime that is not ready does not stop the gateway', async () => {
  const remedy = 'start Docker'
  await using app = await httpApp(
    {},
    {
      runtimes: async () => ({
        isolate: { ready: true, detail: '2 hosts' },
        docker: { ready: false, reason: 'no engine answers', remedy },
      }),
    },
  )
  const { status, body } = await app.ask('GET', '/ready')
  assert.is(status, 200)
  assert.is(body.status, 'ready')
  assert.is(body.store.ready, true)
  assert.is(body.runtimes.docker.remedy, remedy)
})

test('ready is 503 while the database does not answer, also when it hangs', async () => {
  await using app = await httpApp()
  for (const ping of [() => Promise.reject(new Error('secret detail')), () => new Promise<never>(() => {})]) {
    app.store.ping = ping
    const { status, body, raw } = await app.ask('GET', '/ready')
    assert.is(status, 503)
    assert.is(body.code, 'store_unavailable')
    assert.is(body.store.ready, false)
    assert.is(body.runtimes.isolate.ready, true)
    assert.not.match(raw, 'secret detail')
  }
})

test('ready is 503 while the gateway shuts down, health is not', async () => {
  await using app = await httpApp()
  app.state.draining = true
  const { status, body, headers } = await app.ask('GET', '/ready')
  assert.is(status, 503)
  assert.is(body.code, 'draining')
  assert.ok(headers.has('retry-after'))
  const health = await app.ask('GET', '/health')
  assert.is(health.status, 200)
  assert.is(health.body.draining, true)
})

test('metrics are Prometheus text', async () => {
  await using app = await httpApp()
  const { status, headers, raw } = await app.ask('GET', '/metrics')
  assert.is(status, 200)
  assert.match(headers.get('content-type')!, 'text/plain; version=0.0.4')
  assert.match(raw, 'up 1')
})

test.run()
