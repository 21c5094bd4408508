import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Answer, toAnswer, Unsendable } from '../../../runtimes/javascript/answer.ts'
import { standardPlatform } from '../../../runtimes/javascript/platform.ts'

const test = suite('the answer')

const platform = standardPlatform()
const answer = (value: unknown): Answer => toAnswer(value, platform)
const JSON_HEADERS = [['content-type', 'application/json']]
const TEXT_HEADERS = [['content-type', 'text/plain;charset=UTF-8']]

const SENT: [name: string, value: unknown, status: number, headers: string[][], body: unknown][] = [
  ['null', null, 204, [], null],
  ['undefined', undefined, 204, [], null],
  ['an object', { a: 1 }, 200, JSON_HEADERS, '{"a":1}'],
  ['a string', 'hé', 200, JSON_HEADERS, '"hé"'],
  ['zero', 0, 200, JSON_HEADERS, '0'],
  ['false', false, 200, JSON_HEADERS, 'false'],
  ['an array', [1, null], 200, JSON_HEADERS, '[1,null]'],
  ['a status that is no integer', { statusCode: '200' }, 200, JSON_HEADERS, '{"statusCode":"200"}'],
  ['a status only', { statusCode: 404 }, 404, [], null],
  ['a text body', { statusCode: 200, body: 'x' }, 200, TEXT_HEADERS, 'x'],
  ['an empty body', { statusCode: 200, body: '' }, 200, TEXT_HEADERS, ''],
  ['an object body', { statusCode: 201, body: { a: [1] } }, 201, JSON_HEADERS, '{"a":[1]}'],
  ['a null body', { statusCode: 200, body: null }, 200, [], null],
  [
    'headers',
    { statusCode: 200, headers: { 'X-A': 'b', n: 1, t: true, u: undefined }, body: 'x' },
    200,
    [['X-A', 'b'], ['n', '1'], ['t', 'true'], ...TEXT_HEADERS],
    'x',
  ],
  [
    'a content type of its own',
    { statusCode: 200, headers: { 'Content-Type': 'a/b' }, body: 'x' },
    200,
    [['Content-Type', 'a/b']],
    'x',
  ],
  [
    'many values',
    { statusCode: 200, multiValueHeaders: { a: ['1', 2] }, cookies: ['x=1', 'y=2'] },
    200,
    [
      ['a', '1'],
      ['a', '2'],
      ['set-cookie', 'x=1'],
      ['set-cookie', 'y=2'],
    ],
    null,
  ],
  [
    'base64',
    { statusCode: 200, body: 'aGk=', isBase64Encoded: true },
    200,
    [['content-type', 'application/octet-stream']],
    new TextEncoder().encode('hi'),
  ],
  [
    'bytes',
    { statusCode: 200, body: new Uint8Array([1]) },
    200,
    [['content-type', 'application/octet-stream']],
    new Uint8Array([1]),
  ],
]

for (const [name, value, status, headers, body] of SENT)
  test(`sends ${name}`, () => {
    const sent = answer(value)
    assert.is(sent.status, status)
    assert.equal(sent.headers, headers)
    assert.equal(
      sent.body instanceof Uint8Array ? [...sent.body] : sent.body,
      body instanceof Uint8Array ? [...body] : body,
    )
  })

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic
const REFUSED: [name: string, value: unknown, message: RegExp][] = [
  ['a cycle', cyclic, /cannot be written as JSON: Converting circular structure/],
  ['a BigInt', { n: 1n }, /cannot be written as JSON/],
  ['a function', () => 1, /it is a function/],
  ['a symbol', Symbol('s'), /it is a symbol/],
  ['a low status', { statusCode: 99 }, /statusCode is 99/],
  ['a status that does not end a call', { statusCode: 101 }, /statusCode is 101/],
  ['a high status', { statusCode: 600 }, /statusCode is 600/],
  ['headers that are a list', { statusCode: 200, headers: [] }, /headers must be an object, it is an array/],
  ['headers that are text', { statusCode: 200, headers: 'x' }, /headers must be an object/],
  ['a header that is an object', { statusCode: 200, headers: { a: {} } }, /"a" must be a string/],
  ['a header that is null', { statusCode: 200, headers: { a: null } }, /it is null/],
  ['a header with a line break', { statusCode: 200, headers: { a: 'x\r\ny: z' } }, /cannot carry/],
  ['a header in another script', { statusCode: 200, headers: { a: '€' } }, /cannot carry/],
  [
    'a header name with a space',
    { statusCode: 200, headers: { 'a b': 'x' } },
    /"a b" in its headers is not a header name/,
  ],
  ['values that are no list', { statusCode: 200, multiValueHeaders: { a: 'x' } }, /must be an array/],
  ['cookies that are no list', { statusCode: 200, cookies: 'a=1' }, /cookies must be an array of strings/],
  ['bad base64', { statusCode: 200, body: '*', isBase64Encoded: true }, /not base64/],
  ['base64 that is no text', { statusCode: 200, body: {}, isBase64Encoded: true }, /of type object/],
  ['a body with a cycle', { statusCode: 200, body: cyclic }, /body of the answer cannot be written as JSON/],
  ['an error Response', Response.error(), /status of the Response is 0/],
]

for (const [name, value, message] of REFUSED)
  test(`refuses ${name}`, () => {
    assert.throws(
      () => answer(value),
      (error: unknown) => error instanceof Unsendable && message.test(error.message),
    )
  })

test('a Response is sent as it is', async () => {
  const response = new Response('x', { status: 201, headers: { 'x-a': 'b' } })
  const { status, headers, body } = answer(response)
  assert.is(status, 201)
  assert.equal(headers, [
    ['content-type', 'text/plain;charset=UTF-8'],
    ['x-a', 'b'],
  ])
  assert.is(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text(), 'x')
})

test('a Response of another make will do', () => {
  const headers = new Headers({ a: 'b' })
  const look = {
    status: 200,
    headers,
    body: null,
    bodyUsed: false,
    arrayBuffer: async () => new ArrayBuffer(0),
  }
  assert.equal(answer(look), { status: 200, headers: [['a', 'b']], body: null })
})

test('a Response that was read is refused', async () => {
  const response = new Response('x')
  await response.text()
  assert.throws(() => answer(response), /already read/)
})

test.run()
