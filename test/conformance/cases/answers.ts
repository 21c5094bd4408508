import * as assert from 'uvu/assert'
import type { CaseCode, Register, Subject } from '../subject.ts'
import { jsonOf } from '../subject.ts'

const node = (expression: string): CaseCode => ({ node: `export const handler = () => (${expression})` })

/** A value, and how it goes out. */
const VALUES: readonly (readonly [expression: string, status: number, type: string | null, body: string])[] =
  [
    ['{ a: 1 }', 200, 'application/json', '{"a":1}'],
    ['[1, "two", null]', 200, 'application/json', '[1,"two",null]'],
    ['"text"', 200, 'application/json', '"text"'],
    ['""', 200, 'application/json', '""'],
    ['0', 200, 'application/json', '0'],
    ['false', 200, 'application/json', 'false'],
    ['new Date(0)', 200, 'application/json', '"1970-01-01T00:00:00.000Z"'],
    ['null', 204, null, ''],
    ['undefined', 204, null, ''],
    // No integer: it is no proxy answer, so it is data.
    ['{ statusCode: "201" }', 200, 'application/json', '{"statusCode":"201"}'],
    ['{ statusCode: 201.5 }', 200, 'application/json', '{"statusCode":201.5}'],
    // Proxy answers.
    ['{ statusCode: 201, body: "made" }', 201, 'text/plain;charset=UTF-8', 'made'],
    ['{ statusCode: 418 }', 418, null, ''],
    ['{ statusCode: 200, body: { b: 2 } }', 200, 'application/json', '{"b":2}'],
    ['{ statusCode: 200, body: [1] }', 200, 'application/json', '[1]'],
    ['{ statusCode: 200, body: 7 }', 200, 'application/json', '7'],
    ['{ statusCode: 500, body: "its own" }', 500, 'text/plain;charset=UTF-8', 'its own'],
    ['{ statusCode: 200, headers: { "Content-Type": "text/html" }, body: "<p>" }', 200, 'text/html', '<p>'],
    ['{ statusCode: 205, headers: { "content-type": "x/y" } }', 205, 'x/y', ''],
    ['{ statusCode: 204, headers: { "content-type": "x/y" }, body: "dropped" }', 204, 'x/y', ''],
    // Responses.
    ['new Response("r", { status: 202, headers: { "content-type": "text/x" } })', 202, 'text/x', 'r'],
    ['Response.json({ r: 1 }, { status: 404 })', 404, 'application/json', '{"r":1}'],
    ['new Response(null, { status: 304 })', 304, null, ''],
  ]

/** The forms of an answer. */
export function answerCases(test: Register, { deploy, language }: Subject): void {
  if (language !== 'node') return

  test('answer: each kind of value', async () => {
    for (const [expression, status, type, body] of VALUES) {
      const answer = await (await deploy(node(expression))).call()
      assert.is(await answer.text(), body, expression)
      assert.is(answer.status, status, expression)
      assert.is(answer.headers.get('content-type')?.replace(/;\s*/, ';') ?? null, type, expression)
      assert.is(answer.headers.get('x-lambda-status-code'), '200', expression)
    }
  })

  test('answer: base64 is sent as its bytes', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10])
    const expression = `{ statusCode: 200, headers: { 'content-type': 'image/x' }, body: '${btoa(String.fromCharCode(...bytes))}', isBase64Encoded: true }`
    const answer = await (await deploy(node(expression))).call()
    assert.equal(new Uint8Array(await answer.arrayBuffer()), bytes)
    assert.is(answer.headers.get('content-type'), 'image/x')
    assert.is(answer.headers.get('content-length'), '4')
  })

  test('answer: headers, multiValueHeaders and cookies all go out', async () => {
    const expression = `{
      statusCode: 200,
      headers: { 'X-One': 1, 'x-flag': true, 'X-Gone': undefined, 'Set-Cookie': 'first=1; Path=/', constructor: 'c', 'x-latin': 'ü' },
      multiValueHeaders: { 'X-Many': ['a', 'b'], 'Set-Cookie': ['second=2', 'third=3, with a comma'] },
      cookies: ['fourth=4'],
      body: 'x',
    }`
    const { headers } = await (await deploy(node(expression))).call()
    assert.is(headers.get('x-one'), '1')
    assert.is(headers.get('x-flag'), 'true')
    assert.is(headers.has('x-gone'), false)
    assert.is(headers.get('x-many'), 'a, b')
    assert.is(headers.get('constructor'), 'c')
    assert.is(headers.get('x-latin'), 'ü')
    assert.equal(headers.getSetCookie(), ['first=1; Path=/', 'second=2', 'third=3, with a comma', 'fourth=4'])
  })

  test('answer: a Response keeps each of its cookies', async () => {
    const code = `export default () => {
      const response = new Response('x', { headers: { 'x-a': '1' } })
      response.headers.append('set-cookie', 'a=1')
      response.headers.append('set-cookie', 'b=2')
      response.headers.append('x-a', '2')
      return response
    }`
    const { headers } = await (await deploy({ node: code })).call()
    assert.equal(headers.getSetCookie(), ['a=1', 'b=2'])
    assert.is(headers.get('x-a'), '1, 2')
  })

  test('answer: what the gateway says of a call cannot be forged', async () => {
    const forged = `{ 'X-Request-Id': 'forged', 'x-lambda-status-code': '999', 'X-Faas-Start': 'warm', 'X-Callback-Version': '9', 'Server-Timing': 'x' }`
    for (const code of [
      node(`{ statusCode: 200, headers: ${forged}, body: 'x' }`),
      { node: `export default () => new Response('x', { headers: ${forged} })` },
    ]) {
      const { headers } = await (await deploy(code)).call({ headers: { 'x-request-id': 'mine' } })
      assert.is(headers.get('x-request-id'), 'mine')
      assert.is(headers.get('x-lambda-status-code'), '200')
      assert.is(headers.get('x-callback-version'), '1')
      assert.is(headers.get('x-faas-start'), 'prewarmed')
      assert.match(headers.get('server-timing') ?? '', /^handler;dur=[\d.]+, total;dur=[\d.]+$/)
    }
  })

  test('answer: bytes, forms and blobs in a Response', async () => {
    const code = `export default async (request) => {
      const kind = new URL(request.url).search
      if (kind === '?bytes') return new Response(new Uint8Array([1, 2, 3]))
      if (kind === '?blob') return new Response(new Blob(['blob'], { type: 'text/blob' }))
      if (kind === '?search') return new Response(new URLSearchParams({ a: '1 2' }))
      if (kind === '?redirect') return Response.redirect('https://example.com/there', 307)
      const form = new FormData()
      form.set('field', 'value')
      return new Response(form)
    }`
    const subject = await deploy({ node: code })
    assert.equal(
      new Uint8Array(await (await subject.call({}, '?bytes')).arrayBuffer()),
      new Uint8Array([1, 2, 3]),
    )
    const blob = await subject.call({}, '?blob')
    assert.equal([await blob.text(), blob.headers.get('content-type')], ['blob', 'text/blob'])
    const search = await subject.call({}, '?search')
    assert.is(await search.text(), 'a=1+2')
    const redirect = await subject.call({ redirect: 'manual' }, '?redirect')
    assert.equal([redirect.status, redirect.headers.get('location')], [307, 'https://example.com/there'])
    assert.is((await (await subject.call({}, '?form')).formData()).get('field'), 'value')
  })

  test('HEAD: the status and headers of GET, its length, no body', async () => {
    const code = `export default () => new Response('twelve bytes', { headers: { 'x-here': 'yes' } })`
    const subject = await deploy({ node: code }, { method: 'GET' })
    const answer = await subject.call({ method: 'HEAD' })
    assert.is(answer.status, 200)
    // RFC 9110 section 8.6: the length of the GET, or none.
    assert.ok(['12', null].includes(answer.headers.get('content-length')))
    assert.is(answer.headers.get('x-here'), 'yes')
    assert.is(await answer.text(), '')
    const event = await deploy({
      node: 'export const handler = (event) => { console.log(event.httpMethod); return 1 }',
    })
    assert.is((await event.call({ method: 'HEAD' })).status, 200)
    assert.is((await event.list<{ message: string }[]>('logs'))[0]?.message, 'HEAD')
    const streamed = await deploy({
      node: `export default () => new Response(new ReadableStream({
        async pull(controller) {
          await null
          controller.enqueue(new Uint8Array(3))
          controller.close()
        },
      }))`,
    })
    const nothing = await deploy(node('null'))
    assert.is((await nothing.call({ method: 'HEAD' })).status, 204)
    assert.is((await streamed.call({ method: 'HEAD' })).headers.get('content-length'), null)
    const known = await deploy({
      node: 'export const handler = () => ({ statusCode: 200, body: "twelve bytes" })',
    })
    assert.is((await known.call({ method: 'HEAD' })).headers.get('content-length'), '12')
  })

  test('OPTIONS: a function that takes it answers it, else the gateway says what the path takes', async () => {
    const own = await deploy(node('{ statusCode: 200, headers: { "x-own": "yes" }, body: "mine" }'), {
      method: 'OPTIONS',
    })
    assert.is((await own.call({ method: 'OPTIONS' })).headers.get('x-own'), 'yes')
    const any = await deploy({ node: 'export const handler = (event) => ({ method: event.httpMethod })' })
    assert.equal(await jsonOf(any.call({ method: 'OPTIONS' })), { method: 'OPTIONS' })
    const get = await deploy(node('1'), { method: 'GET' })
    const answer = await get.call({ method: 'OPTIONS' })
    assert.is(answer.status, 204)
    assert.is(answer.headers.get('allow'), 'GET, HEAD, OPTIONS')
  })
}
