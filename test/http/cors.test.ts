import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type HttpApp, httpApp } from '../support/http-app.ts'

const test = suite('CORS')

const ORIGIN = 'https://app.example'
const BOTH = ['/callbacks', '/api/hello']

function preflight(app: HttpApp, path: string, origin: string) {
  return app.ask('OPTIONS', path, undefined, {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization, content-type',
  })
}

test('nothing is said about it where no origin is configured', async () => {
  await using app = await httpApp()
  for (const path of BOTH) {
    const { headers } = await app.ask('GET', path, undefined, { origin: ORIGIN })
    assert.not.ok(
      [...headers.keys()].some((name) => name.startsWith('access-control-')),
      path,
    )
    assert.not.ok(headers.has('vary'), path)
  }
  await preflight(app, '/api/hello', ORIGIN)
  assert.is(app.invoker.calls.at(-1)?.method, 'OPTIONS')
})

test('a named origin may call, with credentials, and read our headers; another may not', async () => {
  await using app = await httpApp({ corsOrigins: [ORIGIN] })
  for (const path of BOTH) {
    const { headers } = await app.ask('GET', path, undefined, { origin: ORIGIN })
    assert.is(headers.get('access-control-allow-origin'), ORIGIN, path)
    assert.is(headers.get('access-control-allow-credentials'), 'true')
    assert.match(headers.get('access-control-expose-headers')!, 'x-request-id')
    assert.match(headers.get('vary')!, 'origin')
    const other = await app.ask('GET', path, undefined, { origin: 'https://evil.example' })
    assert.is(other.headers.get('access-control-allow-origin'), null)
    assert.match(other.headers.get('vary')!, 'origin')
  }
})

test('with * every origin may call, without credentials', async () => {
  await using app = await httpApp({ corsOrigins: ['*'] })
  for (const path of BOTH) {
    const { headers } = await app.ask('GET', path, undefined, { origin: 'https://any.example' })
    assert.is(headers.get('access-control-allow-origin'), '*')
    assert.is(headers.get('access-control-allow-credentials'), null)
  }
})

test('a preflight is answered before the token is asked for, and never reaches a function', async () => {
  await using app = await httpApp({ corsOrigins: [ORIGIN], adminToken: 'secret' })
  for (const path of BOTH) {
    const { status, headers } = await preflight(app, path, ORIGIN)
    assert.is(status, 204)
    assert.is(headers.get('access-control-allow-origin'), ORIGIN)
    assert.match(headers.get('access-control-allow-methods')!, 'PUT')
    assert.is(headers.get('access-control-allow-headers'), 'authorization, content-type')
    const other = await preflight(app, path, 'https://evil.example')
    assert.is(other.headers.get('access-control-allow-methods'), null)
  }
  assert.equal(app.invoker.calls, [])
})

test('errors can be read by the page too', async () => {
  await using app = await httpApp({ corsOrigins: [ORIGIN], adminToken: 'secret' })
  for (const [path, status] of [
    ['/callbacks', 401],
    [`/health?${'x'.repeat(9000)}`, 414],
  ] as const) {
    const answer = await app.ask('GET', path, undefined, { origin: ORIGIN })
    assert.is(answer.status, status)
    assert.is(answer.headers.get('access-control-allow-origin'), ORIGIN)
  }
})

test('a function that speaks of CORS itself has the last word', async () => {
  const own = { 'access-control-allow-origin': 'https://its.own' }
  const call = async () => new Response('x', { headers: own })
  await using app = await httpApp({ corsOrigins: [ORIGIN] }, { invoker: { call } })
  const { headers } = await app.ask('GET', '/api/hello', undefined, { origin: ORIGIN })
  assert.is(headers.get('access-control-allow-origin'), 'https://its.own')
})

test.run()
