import * as assert from 'uvu/assert'
import type { JavaScriptCode, Register, Subject } from '../../subject.ts'
import { assertUnforged } from '../answers.ts'

/** What only JavaScript has as a value, and how it goes out. */
const VALUES: readonly (readonly [expression: string, status: number, type: string | null, body: string])[] =
  [
    ['undefined', 204, null, ''],
    ['new Date(0)', 200, 'application/json', '"1970-01-01T00:00:00.000Z"'],
    ['new Response("r", { status: 202, headers: { "content-type": "text/x" } })', 202, 'text/x', 'r'],
    ['Response.json({ r: 1 }, { status: 404 })', 404, 'application/json', '{"r":1}'],
    ['new Response(null, { status: 304 })', 304, null, ''],
  ]

/** Answers that are a Response, or made of the web platform. */
export function responseCases(test: Register, { deploy }: Subject<JavaScriptCode>): void {
  test('answer: values of JavaScript alone', async () => {
    const rows = VALUES.map(([expression]) => `() => (${expression}),`).join('\n')
    const node = `const rows = [${rows}]
      export const handler = (event) => rows[event.queryStringParameters.n]()`
    const subject = await deploy({ node })
    for (const [index, [expression, status, type, body]] of VALUES.entries()) {
      const answer = await subject.call({}, `?n=${index}`)
      assert.is(await answer.text(), body, expression)
      assert.is(answer.status, status, expression)
      assert.is(answer.headers.get('content-type'), type, expression)
      assert.is(answer.headers.get('x-lambda-status-code'), '200', expression)
    }
  })

  test('answer: what the gateway says of a call cannot be forged by a Response', async () => {
    const forged = `{ 'X-Request-Id': 'forged', 'x-lambda-status-code': '999', 'X-Faas-Start': 'warm', 'X-Callback-Version': '9', 'Server-Timing': 'x' }`
    await assertUnforged(
      await deploy({ node: `export default () => new Response('x', { headers: ${forged} })` }),
    )
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
}
