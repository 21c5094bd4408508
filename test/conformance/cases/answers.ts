import * as assert from 'uvu/assert'
import { choosing, type Deployed, jsonOf, type Register, type SharedCode, type Subject } from '../subject.ts'

const json = 'application/json'
const text = 'text/plain;charset=UTF-8'

/** A value as each language writes it, and how it goes out. */
const VALUES: readonly (readonly [
  node: string,
  python: string,
  status: number,
  type: string | null,
  body: string,
])[] = [
  ['{ a: 1 }', '{"a": 1}', 200, json, '{"a":1}'],
  ['[1, "two", null]', '[1, "two", None]', 200, json, '[1,"two",null]'],
  ['"text"', '"text"', 200, json, '"text"'],
  ['"ü😀"', '"ü😀"', 200, json, '"ü😀"'],
  ['""', '""', 200, json, '""'],
  ['0', '0', 200, json, '0'],
  ['1.5', '1.5', 200, json, '1.5'],
  ['false', 'False', 200, json, 'false'],
  ['null', 'None', 204, null, ''],
  // No integer: it is no proxy answer, so it is data.
  ['{ statusCode: "201" }', '{"statusCode": "201"}', 200, json, '{"statusCode":"201"}'],
  ['{ statusCode: 201.5 }', '{"statusCode": 201.5}', 200, json, '{"statusCode":201.5}'],
  ['{ statusCode: true }', '{"statusCode": True}', 200, json, '{"statusCode":true}'],
  // Proxy answers.
  ['{ statusCode: 201, body: "made" }', '{"statusCode": 201, "body": "made"}', 201, text, 'made'],
  ['{ statusCode: 418 }', '{"statusCode": 418}', 418, null, ''],
  ['{ statusCode: 200, body: { b: 2 } }', '{"statusCode": 200, "body": {"b": 2}}', 200, json, '{"b":2}'],
  ['{ statusCode: 200, body: [1] }', '{"statusCode": 200, "body": [1]}', 200, json, '[1]'],
  ['{ statusCode: 200, body: 7 }', '{"statusCode": 200, "body": 7}', 200, json, '7'],
  ['{ statusCode: 500, body: "its own" }', '{"statusCode": 500, "body": "its own"}', 500, text, 'its own'],
  [
    '{ statusCode: 200, headers: { "Content-Type": "text/html" }, body: "<p>" }',
    '{"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "<p>"}',
    200,
    'text/html',
    '<p>',
  ],
  [
    '{ statusCode: 205, headers: { "content-type": "x/y" } }',
    '{"statusCode": 205, "headers": {"content-type": "x/y"}}',
    205,
    'x/y',
    '',
  ],
  [
    '{ statusCode: 204, headers: { "content-type": "x/y" }, body: "dropped" }',
    '{"statusCode": 204, "headers": {"content-type": "x/y"}, "body": "dropped"}',
    204,
    'x/y',
    '',
  ],
  [
    '{ statusCode: 200, body: new TextEncoder().encode("bytes") }',
    '{"statusCode": 200, "body": b"bytes"}',
    200,
    'application/octet-stream',
    'bytes',
  ],
]

/** The forms of an answer. */
export function answerCases(test: Register, { deploy }: Subject<SharedCode>): void {
  test('answer: each kind of value', async () => {
    const subject = await deploy(choosing(VALUES.map(([node, python]) => ({ node, python }))))
    for (const [index, [node, , status, type, body]] of VALUES.entries()) {
      const answer = await subject.call({}, `?n=${index}`)
      assert.is(await answer.text(), body, node)
      assert.is(answer.status, status, node)
      assert.is(answer.headers.get('content-type')?.replace(/;\s*/, ';') ?? null, type, node)
      assert.is(answer.headers.get('x-lambda-status-code'), '200', node)
    }
  })

  test('answer: base64 is sent as its bytes', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10])
    const base64 = btoa(String.fromCharCode(...bytes))
    const rest = `"statusCode": 200, "headers": { "content-type": "image/x" }, "body": "${base64}"`
    const subject = await deploy(
      choosing([
        { node: `{ ${rest}, "isBase64Encoded": true }`, python: `{ ${rest}, "isBase64Encoded": True }` },
      ]),
    )
    const answer = await subject.call({}, '?n=0')
    assert.equal(new Uint8Array(await answer.arrayBuffer()), bytes)
    assert.is(answer.headers.get('content-type'), 'image/x')
    assert.is(answer.headers.get('content-length'), '4')
  })

  test('answer: headers, multiValueHeaders and cookies all go out', async () => {
    const node = `{
      statusCode: 200,
      headers: { 'X-One': 1, 'x-flag': true, 'X-Gone': undefined, 'Set-Cookie': 'first=1; Path=/', constructor: 'c', 'x-latin': 'ü' },
      multiValueHeaders: { 'X-Many': ['a', 'b'], 'Set-Cookie': ['second=2', 'third=3, with a comma'] },
      cookies: ['fourth=4'],
      body: 'x',
    }`
    const python = `{
      "statusCode": 200,
      "headers": {"X-One": 1, "x-flag": True, "Set-Cookie": "first=1; Path=/", "constructor": "c", "x-latin": "ü"},
      "multiValueHeaders": {"X-Many": ["a", "b"], "Set-Cookie": ("second=2", "third=3, with a comma")},
      "cookies": ["fourth=4"],
      "body": "x",
    }`
    const { headers } = await (await deploy(choosing([{ node, python }]))).call({}, '?n=0')
    assert.is(headers.get('x-one'), '1')
    assert.is(headers.get('x-flag'), 'true')
    assert.is(headers.has('x-gone'), false)
    assert.is(headers.get('x-many'), 'a, b')
    assert.is(headers.get('constructor'), 'c')
    assert.is(headers.get('x-latin'), 'ü')
    assert.equal(headers.getSetCookie(), ['first=1; Path=/', 'second=2', 'third=3, with a comma', 'fourth=4'])
  })

  test('answer: what the gateway says of a call cannot be forged', async () => {
    const forged = `{ "X-Request-Id": "forged", "x-lambda-status-code": "999", "X-Faas-Start": "warm", "X-Callback-Version": "9", "Server-Timing": "x" }`
    const answer = `{ "statusCode": 200, "headers": ${forged}, "body": "x" }`
    await assertUnforged(await deploy(choosing([{ node: answer, python: answer }])), '?n=0')
  })

  test('HEAD: the status and headers of GET, its length, no body', async () => {
    const code: SharedCode = {
      node: `export default () => new Response('twelve bytes', { headers: { 'x-here': 'yes' } })`,
      python: `
def handler(event):
    return {"statusCode": 200, "headers": {"x-here": "yes"}, "body": "twelve bytes"}`,
    }
    const subject = await deploy(code, { method: 'GET' })
    const answer = await subject.call({ method: 'HEAD' })
    assert.is(answer.status, 200)
    // RFC 9110 section 8.6: the length of the GET, or none.
    assert.ok(['12', null].includes(answer.headers.get('content-length')))
    assert.is(answer.headers.get('x-here'), 'yes')
    assert.is(await answer.text(), '')
    const event = await deploy({
      node: 'export const handler = (event) => { console.log(event.httpMethod); return 1 }',
      python: 'def handler(event):\n    print(event["httpMethod"])\n    return 1',
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
      python: 'def handler(event):\n    yield b"abc"',
    })
    const nothing = await deploy(choosing([{ node: 'null', python: 'None' }]))
    assert.is((await nothing.call({ method: 'HEAD' }, '?n=0')).status, 204)
    assert.is((await streamed.call({ method: 'HEAD' })).headers.get('content-length'), null)
    const known = await deploy({
      node: 'export const handler = () => ({ statusCode: 200, body: "twelve bytes" })',
      python: 'def handler(event):\n    return {"statusCode": 200, "body": "twelve bytes"}',
    })
    assert.is((await known.call({ method: 'HEAD' })).headers.get('content-length'), '12')
  })

  test('OPTIONS: a function that takes it answers it, else the gateway says what the path takes', async () => {
    const answer = '{ "statusCode": 200, "headers": { "x-own": "yes" }, "body": "mine" }'
    const own = await deploy(choosing([{ node: answer, python: answer }]), { method: 'OPTIONS' })
    assert.is((await own.call({ method: 'OPTIONS' }, '?n=0')).headers.get('x-own'), 'yes')
    const code: SharedCode = {
      node: 'export const handler = (event) => ({ method: event.httpMethod })',
      python: 'def handler(event):\n    return {"method": event["httpMethod"]}',
    }
    const any = await deploy(code)
    assert.equal(await jsonOf(any.call({ method: 'OPTIONS' })), { method: 'OPTIONS' })
    const get = await deploy(code, { method: 'GET' })
    const said = await get.call({ method: 'OPTIONS' })
    assert.is(said.status, 204)
    assert.is(said.headers.get('allow'), 'GET, HEAD, OPTIONS')
  })
}

/** Holds the first answer of a function that says otherwise against what the gateway knows. */
export async function assertUnforged(subject: Deployed, rest = ''): Promise<void> {
  const { headers } = await subject.call({ headers: { 'x-request-id': 'mine' } }, rest)
  assert.is(headers.get('x-request-id'), 'mine')
  assert.is(headers.get('x-lambda-status-code'), '200')
  assert.is(headers.get('x-callback-version'), '1')
  assert.is(headers.get('x-faas-start'), 'prewarmed')
  assert.match(headers.get('server-timing') ?? '', /^handler;dur=[\d.]+, total;dur=[\d.]+$/)
}
