import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StoreError } from '../../src/store/store.ts'
import { HELLO, type HttpApp, httpApp } from '../support/http-app.ts'

const test = suite<{ app: HttpApp }>('routing')
test.before.each(async (context) => {
  context.app = await httpApp()
})
test.after.each(({ app }) => app.close())

test('a trailing slash never matters and never redirects', async ({ app }) => {
  const { body } = await app.ask('POST', '/callbacks/', HELLO)
  const paths = [
    '/callbacks',
    `/callbacks/${body.callback_id}`,
    `/callbacks/${body.callback_id}/logs`,
    '/chatroom',
  ]
  for (const path of [...paths, '/health', '/ready', '/openapi.json', '/metrics']) {
    const plain = await app.ask('GET', path)
    const slashed = await app.ask('GET', `${path}/`)
    assert.is(plain.status, 200, path)
    assert.is(slashed.status, 200, `${path}/`)
    assert.equal(slashed.body, plain.body)
    assert.is((await app.ask('GET', `${path}/?x=1`)).status, 200)
  }
})

test('a path that is none is a 404 problem', async ({ app }) => {
  const { body: callback } = await app.ask('POST', '/callbacks', HELLO)
  const absurd = [
    '/',
    '/nope',
    '/callbacks/x',
    '/callbacks/0',
    '/callbacks/-1',
    '/callbacks/1.5',
    '/callbacks/1e3',
  ]
  absurd.push(
    '/callbacks/01',
    '/callbacks/99999999999999999999',
    '/callbacks/%zz',
    '/callbacks/%00',
    '/callbacks/%ff',
  )
  absurd.push(
    '/callbacks/..%2f..%2fetc',
    '/callbacks//',
    '//callbacks',
    '/CALLBACKS',
    '/callbacks/1/nope',
    '/grüße',
    '/%',
  )
  absurd.push(`/callbacks/0${callback.callback_id}`, `/callbacks/${callback.callback_id}%20`)
  for (const path of absurd) {
    const { status, headers, body } = await app.ask('GET', path)
    assert.is(status, 404, path)
    assert.is(headers.get('content-type'), 'application/problem+json')
    assert.is(body.code, 'not_found')
    assert.is(body.request_id, headers.get('x-request-id'))
  }
})

test('a path that exists and another method is 405 with what it takes', async ({ app }) => {
  const cases = [
    ['PATCH', '/callbacks/1', 'GET, PUT, DELETE, HEAD, OPTIONS'],
    ['DELETE', '/callbacks', 'POST, GET, HEAD, OPTIONS'],
    ['GET', '/deploy', 'POST, OPTIONS'],
    ['HEAD', '/callback/deploy', 'POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['PROPFIND', '/chatroom', 'POST, GET, HEAD, OPTIONS'],
  ] as const
  for (const [method, path, allow] of cases) {
    const { status, headers } = await app.ask(method, path)
    assert.is(status, 405, `${method} ${path}`)
    assert.is(headers.get('allow'), allow)
  }
})

test('OPTIONS says what a path takes; HEAD is GET without the body', async ({ app }) => {
  const options = await app.ask('OPTIONS', '/chatroom/7')
  assert.is(options.status, 204)
  assert.is(options.headers.get('allow'), 'GET, PUT, DELETE, HEAD, OPTIONS')
  const head = await app.ask('HEAD', '/callbacks')
  assert.is(head.status, 200)
  assert.is(head.raw, '')
  assert.match(head.headers.get('content-type')!, 'application/json')
  assert.is((await app.ask('HEAD', '/callbacks/1')).status, 404)
})

test('an address above 8 KiB is 414 on both APIs', async ({ app }) => {
  for (const path of [
    `/callbacks/${'1'.repeat(9000)}`,
    `/callbacks?x=${'é'.repeat(3000)}`,
    `/api/${'x'.repeat(9000)}`,
  ]) {
    const { status, body } = await app.ask('GET', path)
    assert.is(status, 414)
    assert.is(body.code, 'uri_too_long')
  }
  const call = await app.ask('GET', `/api/${'x'.repeat(9000)}`, undefined, { 'x-request-id': 'mine' })
  assert.is(call.headers.get('x-request-id'), 'mine')
  assert.is(call.headers.get('x-lambda-status-code'), '500')
  assert.is(call.body.lambdaStatusCode, 500)
  assert.equal(app.invoker.calls, [])
})

test('calls reach the invoker with the path as it came, by either way in', async ({ app }) => {
  const cases = [
    ['/api/hello', 'hello', undefined],
    ['/api/hello/', 'hello/', undefined],
    ['/api/a%2Fb/%zz/%00?x=/y', 'a%2Fb/%zz/%00', undefined],
    ['/api/gr%C3%BC%C3%9Fe', 'gr%C3%BC%C3%9Fe', undefined],
    ['/api/kube/hello/1?x', 'hello/1', 'kube'],
    ['/api/kube/', '', 'kube'],
    ['/api/kube', '', 'kube'],
    ['/api/kubernetes', 'kubernetes', undefined],
    ['/api/', '', undefined],
    ['/api', '', undefined],
    ['/api?x=/y', '', undefined],
    ['/%61pi/hello', 'hello', undefined],
  ] as const
  for (const [path, raw, only] of cases) {
    for (const method of ['GET', 'POST', 'OPTIONS', 'HEAD', 'PATCH']) {
      for (const way of [app.fetch, app.app.fetch]) {
        app.invoker.calls.length = 0
        const response = await way(new Request(`http://127.0.0.1:8000${path}`, { method }), {})
        assert.is(response.status, 200, `${method} ${path}`)
        assert.is(response.headers.get('x-request-id'), 'of-the-invoker')
        assert.equal(app.invoker.calls, [{ method, path: raw, peer: { ip: '192.0.2.1' }, only }])
      }
    }
  }
})

test('a well-formed request id is kept, any other replaced', async ({ app }) => {
  const ask = async (id: string) => {
    const { headers } = await app.ask('GET', '/health', undefined, { 'x-request-id': id })
    return headers.get('x-request-id')
  }
  assert.is(await ask('My.id:1_2-3'), 'My.id:1_2-3')
  for (const bad of ['', 'a b', 'x'.repeat(129), 'é', '"><script>', 'a,b']) {
    assert.match((await ask(bad))!, /^[0-9a-f-]{36}$/)
  }
})

test('an error nobody foresaw is a 500 problem without a stack, and its cause is in the log', async ({
  app,
}) => {
  app.store.callbacks.list = async () => {
    throw new Error('secret cause')
  }
  const { status, body, raw } = await app.ask('GET', '/callbacks')
  assert.is(status, 500)
  assert.is(body.code, 'internal')
  assert.is(body.blame, 'platform')
  assert.not.match(raw, 'secret cause')
  assert.not.match(raw, '.ts:')
  const entry = app.logged.find((one) => one.level === 'error')
  assert.is(entry?.fields.request_id, body.request_id)
  assert.match(String(entry?.fields.error), 'secret cause')
})

test('a database that does not answer is 503 with Retry-After', async ({ app }) => {
  app.store.chatrooms.list = async () => {
    throw new StoreError('Cannot read the database', 'SQLITE_IOERR')
  }
  const { status, headers, body } = await app.ask('GET', '/chatroom')
  assert.is(status, 503)
  assert.is(body.code, 'store_unavailable')
  assert.ok(headers.has('retry-after'))
  const entry = app.logged.find((one) => one.level === 'error')
  assert.match(String(entry?.fields.error), 'Cannot read the database')
})

test.run()
