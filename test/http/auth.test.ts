import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HELLO, httpApp } from '../support/http-app.ts'

const test = suite('who may do what')

const TOKEN = 'correct horse+battery/staple='
const OPEN = new Set(['/health', '/ready', '/api/*'])

test('with a token every route but the open ones answers 401, whatever the method', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  const paths = new Set(app.app.routes.map((route) => route.path))
  assert.ok(paths.size > 20, `${paths.size} paths`)
  let closed = 0
  for (const path of paths) {
    if (OPEN.has(path) || path === '/*') continue
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status } = await app.ask(method, path.replaceAll(/:\w+/g, '1'))
      assert.is(status, 401, `${method} ${path}`)
      closed++
    }
  }
  assert.ok(closed > 100, `${closed} requests`)
  assert.is((await app.ask('GET', '/unknown')).status, 401)
})

test('the open routes answer without it', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  for (const path of ['/health', '/ready', '/api/hello', '/api/kube/hello']) {
    assert.is((await app.ask('GET', path)).status, 200, path)
  }
})

test('the token opens everything, a wrong one nothing', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  const ask = (authorization: string) => app.ask('GET', '/callbacks', undefined, { authorization })
  assert.is((await ask(`Bearer ${TOKEN}`)).status, 200)
  assert.is((await ask(`bearer  ${TOKEN}`)).status, 200)
  for (const wrong of [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Basic ${TOKEN}`,
    TOKEN,
  ]) {
    const answer = await ask(wrong)
    assert.is(answer.status, 401, wrong)
    assert.is(answer.body.code, 'unauthorized')
    assert.is(answer.headers.get('www-authenticate'), 'Bearer realm="faas"')
    assert.not.match(answer.raw, TOKEN)
  }
})

test('a socket may offer the token as a subprotocol, as it is or in base64url', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  const offer = (protocols: string) =>
    app.ask('GET', '/deploy/ws', undefined, { 'sec-websocket-protocol': protocols })
  // 400 is past the token: this is no upgrade.
  assert.is((await offer(`bearer, ${Buffer.from(TOKEN).toString('base64url')}`)).status, 400)
  for (const wrong of ['bearer', `bearer, ${Buffer.from('other').toString('base64url')}`, TOKEN]) {
    assert.is((await offer(wrong)).status, 401, wrong)
  }
  await using plain = await httpApp({ adminToken: 'simple' })
  const headers = { 'sec-websocket-protocol': 'bearer, simple' }
  assert.is((await plain.ask('GET', '/deploy/ws', undefined, headers)).status, 400)
})

test('a browser that opens /docs without a token gets a page that asks for it, with 401', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  const browser = await app.ask('GET', '/docs', undefined, { accept: 'text/html,*/*;q=0.8' })
  assert.is(browser.status, 401)
  assert.match(browser.headers.get('content-type')!, 'text/html')
  assert.match(browser.raw, '<!doctype html>')
  const program = await app.ask('GET', '/docs', undefined, { accept: '*/*' })
  assert.is(program.status, 401)
  assert.is(program.headers.get('content-type'), 'application/problem+json')
  const other = await app.ask('GET', '/callbacks', undefined, { accept: 'text/html' })
  assert.is(other.headers.get('content-type'), 'application/problem+json')
  const opened = await app.ask('GET', '/docs', undefined, { authorization: `Bearer ${TOKEN}` })
  assert.is(opened.status, 200)
})

test('without a token a page of another origin changes nothing and opens no socket', async () => {
  await using app = await httpApp({ corsOrigins: ['https://app.example'] })
  const plain = { 'content-type': 'text/plain' }
  const post = (origin: string) =>
    app.ask('POST', '/callbacks', { ...HELLO, path: 'x' }, { ...plain, origin })
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9999']) {
    const answer = await post(origin)
    assert.is(answer.status, 403, origin)
    assert.is(answer.body.code, 'origin_refused')
    const upgrade = await app.ask('GET', '/deploy/ws', undefined, { origin, upgrade: 'websocket' })
    assert.is(upgrade.status, 403, origin)
  }
  assert.is((await app.ask('GET', '/callbacks', undefined, { origin: 'https://evil.example' })).status, 200)
  assert.is((await post('http://127.0.0.1:8000')).status, 200)
  assert.is((await post('https://app.example')).status, 409)
})

test('on loopback a name that was rebound to it is no origin of its own', async () => {
  await using app = await httpApp()
  const init = {
    method: 'POST',
    body: JSON.stringify(HELLO),
    headers: { origin: 'http://evil.example:8000' },
  }
  const response = await app.fetch(new Request('http://evil.example:8000/callbacks', init), {})
  assert.is(response.status, 403)
})

test('with a token the origin does not matter: no browser sends it by itself', async () => {
  await using app = await httpApp({ adminToken: TOKEN })
  const headers = { origin: 'https://evil.example', authorization: `Bearer ${TOKEN}` }
  assert.is((await app.ask('POST', '/callbacks', HELLO, headers)).status, 200)
})

test.run()
