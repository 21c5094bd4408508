// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemIn, startGateway } from './gateway.ts'
import { openRaw, requestOf } from './raw.ts'

const test = suite('functions that lie about their answer')
const gateway = await startGateway()
const { port } = gateway
/** Headers that only the two ends of one connection may agree on. */
const HOP_BY_HOP = [
  'transfer-encoding',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'proxy-authenticate',
  'proxy-connection',
]

/** A call, and one more on the same connection: what the first says of its length must not move the second. */
async function twice(path: string, method = 'GET') {
  const client = await openRaw(port)
  client.write(requestOf(`${method} /api/${path}`))
  const first = await client.answer({ head: method === 'HEAD' })
  let second = null
  if (!first.headers.get('connection')?.includes('close')) {
    client.write(requestOf(`${method} /api/${path}`))
    second = await client.answer({ head: method === 'HEAD' })
  }
  client.destroy()
  return { first, second }
}

for (const name of ['content-length', 'Content-Length']) {
  for (const length of ['0', '3', '500', '-1', 'many']) {
    test(`${name}: ${length} does not change what is sent`, async () => {
      for (const code of [
        `export const handler = () => ({ statusCode: 200, headers: { '${name}': '${length}' }, body: 'twelve bytes' })`,
        `export default () => new Response('twelve bytes', { headers: { '${name}': '${length}' } })`,
        `export default () => new Response(new ReadableStream({
          async pull(controller) {
            await null
            controller.enqueue(new TextEncoder().encode('twelve bytes'))
            controller.close()
          },
        }), { headers: { '${name}': '${length}' } })`,
      ]) {
        const served = await gateway.serve(code)
        const { first, second } = await twice(served.path)
        assert.equal([first.status, first.body], [200, 'twelve bytes'], code)
        assert.equal([second?.status, second?.body], [200, 'twelve bytes'], code)
      }
      await gateway.alive('a lie about the length')
    })
  }
}

test('hop-by-hop headers of a function go nowhere', async () => {
  for (const cased of [(name: string) => name, (name: string) => name.toUpperCase()]) {
    const headers = Object.fromEntries(
      HOP_BY_HOP.map((name) => [cased(name), name === 'te' ? 'trailers' : 'chunked']),
    )
    const served = await gateway.serve(
      `export const handler = () => ({ statusCode: 200, headers: ${JSON.stringify({ ...headers, [cased('connection')]: 'close, x-secret' })}, body: 'body' })`,
    )
    const { first, second } = await twice(served.path)
    for (const name of HOP_BY_HOP)
      assert.is(first.headers.get(name)?.includes('chunked') ?? false, false, name)
    assert.equal([first.body, second?.body], ['body', 'body'])
  }
  await gateway.alive('hop-by-hop headers')
})

test('a length on an answer that has no body', async () => {
  // Deno's server takes the length of a 205 away: there nothing on the wire says where it ends.
  for (const status of 'Deno' in globalThis ? [204, 304] : [204, 205, 304]) {
    const served = await gateway.serve(
      `export const handler = () => ({ statusCode: ${status}, headers: { 'Content-Length': '10', 'Transfer-Encoding': 'chunked' }, body: '0123456789' })`,
    )
    const { first, second } = await twice(served.path)
    assert.equal([first.status, first.body], [status, ''])
    assert.equal([second?.status, second?.body], [status, ''])
  }
  await gateway.alive('lengths without bodies')
})

/** Takes away the guest's own checks: whatever comes then, the gateway has to stand it. */
const UNCHECKED = `RegExp.prototype.test = () => true
  RegExp.prototype.exec = () => ['']
  RegExp.prototype[Symbol.replace] = (text) => text
  String.prototype.trim = function () { return String(this) }
  Number.isInteger = () => true
`

for (const [name, answer] of [
  [
    'CR and LF in a header value',
    `{ statusCode: 200, headers: { 'x-a': 'b\\r\\nx-smuggled: 1\\r\\n\\r\\nHTTP/1.1 200 OK' }, body: 'x' }`,
  ],
  ['LF alone in a header value', `{ statusCode: 200, headers: { 'x-a': 'b\\nx-smuggled: 1' }, body: 'x' }`],
  ['NUL in a header value', `{ statusCode: 200, headers: { 'x-a': 'b\\0c' }, body: 'x' }`],
  [
    'characters beyond a byte in a header value',
    `{ statusCode: 200, headers: { 'x-a': '\\u010d\\u010a' }, body: 'x' }`,
  ],
  ['CR and LF in a cookie', `{ statusCode: 200, cookies: ['a=b\\r\\nx-smuggled: 1'], body: 'x' }`],
  [
    'a header name that is none',
    `{ statusCode: 200, headers: { 'x a\\r\\nx-smuggled: 1': 'b' }, body: 'x' }`,
  ],
  ['an empty header name', `{ statusCode: 200, headers: { '': 'b' }, body: 'x' }`],
  ['status 99', `{ statusCode: 99, body: 'x' }`],
  ['status 101', `{ statusCode: 101, headers: { upgrade: 'websocket' }, body: 'x' }`],
  ['status 1000', `{ statusCode: 1000, body: 'x' }`],
  ['status 200.5', `{ statusCode: 200.5, body: 'x' }`],
  ['status NaN', `{ statusCode: NaN, body: 'x' }`],
] as const) {
  for (const [how, prefix] of [
    ['', ''],
    [', its checks taken away', UNCHECKED],
  ] as const) {
    test(`${name}${how}`, async () => {
      const served = await gateway
        .serve(`${prefix}export const handler = () => (${answer})`)
        .catch((error: Error) => error)
      // A module that breaks its own guest so far that it does not start has hurt only itself.
      if (!(served instanceof Error)) {
        const client = await openRaw(port)
        client.write(requestOf(`GET /api/${served.path}`, ['connection: close']))
        const got = await client.answer()
        assert.is(got.headers.has('x-smuggled'), false)
        if (got.status === 502) assert.is(problemIn(got.body).code, 'answer_unsendable')
        else assert.ok(got.status === 200 || got.status === 500, `${got.status} ${got.body}`)
        await client.closed
        const after = await client.answer().catch(() => null)
        assert.is(after, null, 'a second answer was smuggled in')
      }
      await gateway.alive(name)
    })
  }
}

test('an answer that is said to be text and is not is sent byte for byte', async () => {
  const served = await gateway.serve(
    `export default () => new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]), { headers: { 'content-type': 'text/plain; charset=utf-8', 'x-latin': '\\xe9' } })`,
  )
  const { first } = await twice(served.path)
  assert.is(first.body, '\xef\xbb\xbfa\xff')
  assert.is(first.headers.get('x-latin'), '\xe9')
})

test('a header of a byte beyond ASCII goes out as that byte, whatever the body is', async () => {
  for (const body of ['text', 'größe', '']) {
    const served = await gateway.serve(
      `export const handler = () => ({ statusCode: 200, headers: { 'x-latin': '\\xe9', 'content-type': 'text/plain' }, body: ${JSON.stringify(body)} })`,
    )
    const { first, second } = await twice(served.path)
    assert.is(first.headers.get('x-latin'), '\xe9', body)
    assert.is(first.body, String.fromCharCode(...new TextEncoder().encode(body)))
    assert.is(second?.body, first.body)
  }
})

test('thousands of headers', async () => {
  const served = await gateway.serve(`export const handler = () => ({
    statusCode: 200,
    headers: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => ['x-many-' + index, 'v'.repeat(20)])),
    body: 'x',
  })`)
  const { first } = await twice(served.path)
  assert.ok([200, 502].includes(first.status), `${first.status}`)
  await gateway.alive('thousands of headers')
})

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await gateway.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await gateway.kill()
})
test.run()
