// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemIn, startGateway } from './gateway.ts'
import { exchange, openRaw, type RawAnswer, requestOf } from './raw.ts'

const test = suite('requests that are malformed, absurd or too many at once')
const gateway = await startGateway()
const ECHO = 'export const handler = ({ path, pathParameters }) => ({ path, pathParameters })'
const { port } = gateway
const star = await gateway.serve('export default () => new Response("ok")')
const { callback_id } = await gateway.register({ path: 'deep/:one/*', code: ECHO })
await gateway.deploy(callback_id)

/** What is no HTTP. The server may answer that it is none, or just hang up; nothing else. */
const GARBAGE: readonly (readonly [name: string, bytes: string])[] = [
  ['no HTTP at all', 'hello gateway\r\n\r\n'],
  ['an empty line and nothing', '\r\n\r\n\r\n'],
  ['the start of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['binary noise', '\x00\xff\x01\xfe\r\n\r\n'],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a version that does not exist', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
  ['a method that is none', 'G@T / HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a space in a header name', 'GET /health HTTP/1.1\r\nhost: x\r\nbad name: y\r\n\r\n'],
  ['a header without a colon', 'GET /health HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n'],
  ['NUL in a header value', 'GET /health HTTP/1.1\r\nhost: x\r\nx-y: a\0b\r\n\r\n'],
  ['a folded header', 'GET /health HTTP/1.1\r\nhost: x\r\nx-y: a\r\n b\r\n\r\n'],
  ['a control character in the path', 'GET /api/\x01 HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a space in the path', 'GET /api/a b HTTP/1.1\r\nhost: x\r\n\r\n'],
]

for (const [name, bytes] of GARBAGE) {
  test(`malformed: ${name}`, async () => {
    const client = await openRaw(port)
    client.socket.end(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
    const answer = await client.answer().catch(() => null)
    if (answer !== null) assert.ok(answer.status >= 400 && answer.status < 506, `${answer.status}`)
    client.destroy()
    await gateway.alive(name)
  })
}

/** A path as it stands in the request line, and the status for it. */
const PATHS: readonly (readonly [target: string, statuses: readonly number[]])[] = [
  ['/api/..', [404]],
  ['/api/../health', [404, 200]],
  ['/api/../../etc/passwd', [404]],
  ['/api/deep/../deep/a/b', [404, 200]],
  ['/api/deep/a/%2e%2e/b', [404]],
  ['/api/deep/a/%2E%2E%2Fb', [200]],
  ['/api/deep/%2f/%2F', [200]],
  ['/api/deep/a/%00', [200, 404]],
  ['/api/deep/%00/b', [200, 404]],
  ['/api/deep/a/%', [404, 400]],
  ['/api/deep/a/%zz', [404, 400]],
  ['/api/deep/a/%C3%28', [404, 400]],
  ['/api/deep/a/%ed%a0%80', [404, 400]],
  ['/api/deep/a/\xc3\xbc', [200, 404, 400]],
  ['/api/deep/a/\xff\xfe', [200, 404, 400]],
  ['/api/deep/a//b', [404]],
  ['/api//deep/a/b', [404]],
  ['//api/deep/a/b', [404, 400]],
  ['/api/deep/a/b?%', [200]],
  ['/api/deep/a/b?%00=%ff&&&==&a', [200]],
  ['/api/deep/a/b#fragment', [200, 400, 404]],
  ['/api/deep/a/b\\c', [200, 404, 400]],
  ['/api/deep/__proto__/constructor', [200]],
  ['/api/__proto__', [404]],
  ['/api/constructor/toString', [404]],
  [`/api/${'a'.repeat(10_000)}`, [414, 404, 431]],
  [`/api/deep/a/${'b/'.repeat(3000)}c`, [200, 404]],
  [`/api/deep/a/b?${'q=1&'.repeat(2600)}`, [414]],
  ['*', [400, 404, 405]],
  ['http://other.example/api/deep/a/b', [200, 400, 404, 421]],
  ['http://[/api/deep/a/b', [200, 400, 404]],
  ['api/deep/a/b', [400, 404]],
]

test('absurd paths get an answer that makes sense, in the shape that all errors have', async () => {
  for (const [target, statuses] of PATHS) {
    const shown = target.slice(0, 60)
    const client = await openRaw(port)
    client.write(requestOf(`GET ${target}`))
    const answer = await client.answer().catch(() => null)
    client.destroy()
    // Hanging up is an answer too where the line is no HTTP.
    if (answer === null) assert.ok(statuses.includes(400), `${shown}: no answer`)
    else assertSane(answer, statuses, shown)
  }
  await gateway.alive('absurd paths')
})

function assertSane(answer: RawAnswer, statuses: readonly number[], what: string): void {
  assert.ok(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.body.slice(0, 300)}`)
  if (answer.status < 400 || answer.body === '') return
  assert.is(answer.headers.get('content-type'), 'application/problem+json', what)
  assert.is(problemIn(answer.body).status, answer.status, what)
}

test('what is decoded reaches the function decoded once, and no path gets out of its route', async () => {
  for (const [target, one, rest] of [
    ['/api/deep/%2f/%2F', '/', '/'],
    ['/api/deep/__proto__/constructor', '__proto__', 'constructor'],
    ['/api/deep/a/%2E%2E%2Fb', 'a', '../b'],
    ['/api/deep/%252e/%255c', '%2e', '%5c'],
  ] as const) {
    const { body } = await exchange(port, requestOf(`GET ${target}`))
    assert.equal(JSON.parse(body), { path: 'deep/:one/*', pathParameters: { one, '*': rest } }, target)
  }
})

test('header floods are refused, a normal client is served meanwhile', async () => {
  for (const headers of [
    Array.from({ length: 5000 }, (_, index) => `x-flood-${index}: y`),
    [`x-long: ${'y'.repeat(300_000)}`],
    [`${'x'.repeat(300_000)}: y`],
    [`cookie: ${'a=b; '.repeat(20_000)}`],
  ]) {
    const client = await openRaw(port)
    client.write(requestOf(`GET /api/${star.path}`, headers))
    const answer = await client.answer().catch(() => null)
    // The one limit that hosts differ on: how many bytes of a head are too many.
    if (answer !== null) assert.ok([200, 400, 413, 431].includes(answer.status), `${answer.status}`)
    client.destroy()
    await gateway.alive('a header flood')
  }
})

test('a head that never ends holds nobody up', async () => {
  const slow = await Promise.all(Array.from({ length: 50 }, () => openRaw(port)))
  for (const client of slow) client.write('GET /health HTTP/1.1\r\nhost: x\r\nx-never')
  await gateway.alive('50 heads that never end')
  for (const client of slow) client.destroy()
})

test('pipelined requests are answered in their order', async () => {
  const served = await gateway.serve(`export default async (request) => {
    const n = Number(new URL(request.url).search.slice(1))
    await new Promise((resolve) => setTimeout(resolve, n === 0 ? 80 : 0))
    return new Response(String(n) + ':' + (await request.text()))
  }`)
  const client = await openRaw(port)
  let bytes = ''
  for (let n = 0; n < 20; n++) {
    bytes +=
      n % 2 === 0
        ? requestOf(`GET /api/${served.path}?${n}`)
        : requestOf(`POST /api/${served.path}?${n}`, ['content-length: 4'], 'body')
  }
  client.write(bytes)
  for (let n = 0; n < 20; n++) assert.is((await client.answer()).body, `${n}:${n % 2 === 0 ? '' : 'body'}`)
  client.destroy()
  await gateway.alive('pipelined requests')
})

test('a refused request in a pipeline does not spoil those around it', async () => {
  const client = await openRaw(port)
  const good = requestOf(`GET /api/${star.path}`)
  client.write(good + requestOf('GET /api/nowhere') + good + requestOf(`HEAD /api/${star.path}`) + good)
  const statuses: number[] = []
  for (let n = 0; n < 5; n++) statuses.push((await client.answer({ head: n === 3 })).status)
  assert.equal(statuses, [200, 404, 200, 200, 200])
  client.destroy()
})

test('odd methods get 405, 404 or 501, and the connection stays in step', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'CONNECT', 'get', 'ANY', 'QUERY', 'M-SEARCH']) {
    const client = await openRaw(port)
    client.write(requestOf(`${method} /api/${star.path}`))
    const answer = await client.answer().catch(() => null)
    client.destroy()
    // ANY takes whatever the host lets through.
    if (answer !== null)
      assert.ok([200, 400, 404, 405, 501].includes(answer.status), `${method}: ${answer.status}`)
  }
  await gateway.alive('odd methods')
})

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await gateway.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await gateway.kill()
})
test.run()
