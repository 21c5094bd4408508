import * as assert from 'uvu/assert'
import type { Register, SharedCode, Subject } from '../subject.ts'
import { jsonOf } from '../subject.ts'

const ECHO: SharedCode = {
  node: 'export const handler = (event) => event',
  python: 'def handler(event):\n    return event',
}
const ECHO_BODY: SharedCode = {
  node: 'export const handler = ({ body, isBase64Encoded }) => ({ body, isBase64Encoded })',
  python: 'def handler(event):\n    return {key: event[key] for key in ("body", "isBase64Encoded")}',
}

interface Event {
  httpMethod: string
  path: string
  pathParameters: Record<string, string>
  queryStringParameters: Record<string, string>
  multiValueQueryStringParameters: Record<string, string[]>
  headers: Record<string, string>
  cookies: string[]
  body: unknown
  isBase64Encoded: boolean
  requestContext: {
    requestId: string
    callbackId: number
    version: number
    runtime: string
    time: string
    timeEpoch: number
    identity: { sourceIp: string }
  }
}

const JSON_BODY = '{"a":[1,null,"ü"]}'
const BINARY = new Uint8Array([0xff, 0xfe, 0x00, 0x80])

/** A body with its content type, and what `event.body` is for it. */
const BODIES: readonly (readonly [
  name: string,
  body: string | Uint8Array<ArrayBuffer> | null,
  type: string | null,
  expected: unknown,
  base64?: true,
])[] = [
  ['JSON', JSON_BODY, 'application/json', { a: [1, null, 'ü'] }],
  ['JSON with a charset', JSON_BODY, 'Application/JSON; charset=utf-8', { a: [1, null, 'ü'] }],
  ['a +json type', JSON_BODY, 'application/ld+json', { a: [1, null, 'ü'] }],
  ['a JSON scalar', 'false', 'application/json', false],
  ['JSON that does not parse', '{"a":', 'application/json', '{"a":'],
  ['JSON sent as text', JSON_BODY, 'text/plain', JSON_BODY],
  ['a form', 'a=1&b=2', 'application/x-www-form-urlencoded', 'a=1&b=2'],
  ['text in UTF-8', 'naïve 😀', 'text/plain', 'naïve 😀'],
  ['text without a type', BINARY.slice(2, 3), null, '\0'],
  ['bytes that are not UTF-8', BINARY, 'application/octet-stream', '//4AgA==', true],
  ['bytes that are not UTF-8, said to be JSON', BINARY, 'application/json', '//4AgA==', true],
  ['none', null, null, {}],
  ['none, said to be JSON', null, 'application/json', {}],
  ['an empty one', '', 'text/plain', {}],
]

/** The event and the context. */
export function eventCases(test: Register, { deploy, runtime }: Subject<SharedCode>): void {
  test('event: every field', async () => {
    const subject = await deploy(ECHO, { path: 'of/:name/*' })
    const before = Date.now()
    const answer = await subject.call(
      {
        method: 'POST',
        headers: {
          'x-request-id': 'event-1',
          'X-Upper': 'Case',
          cookie: 'a=1; b=x%20y',
          'content-type': 'application/json',
        },
        body: '{"n":1}',
      },
      '/of/caf%C3%A9%20%2F/deep/down?one=1&many=a&many=b%2Bc&empty=&plus=a+b&bare&__proto__=p&%C3%BC=%F0%9F%98%80',
    )
    const event = await jsonOf<Event>(answer)
    assert.equal(Object.keys(event).sort(), [
      'body',
      'cookies',
      'headers',
      'httpMethod',
      'isBase64Encoded',
      'multiValueQueryStringParameters',
      'path',
      'pathParameters',
      'queryStringParameters',
      'requestContext',
    ])
    assert.is(event.httpMethod, 'POST')
    assert.is(event.path, `${subject.base}/of/:name/*`)
    assert.equal(event.pathParameters, { name: 'café /', '*': 'deep/down' })
    const { __proto__: odd, ...single } = Object.fromEntries(Object.entries(event.queryStringParameters))
    assert.is(
      Object.entries(event.queryStringParameters).find(([key]) => key === '__proto__')?.[1] ?? odd,
      'p',
    )
    assert.equal(single, { one: '1', many: 'b+c', empty: '', plus: 'a b', bare: '', ü: '😀' })
    assert.equal(event.multiValueQueryStringParameters.many, ['a', 'b+c'])
    assert.equal(event.multiValueQueryStringParameters.one, ['1'])
    assert.is(event.headers['x-upper'], 'Case')
    assert.is(event.headers['x-request-id'], 'event-1')
    assert.is(event.headers['content-type'], 'application/json')
    assert.equal(event.cookies, ['a=1', 'b=x%20y'])
    assert.equal(event.body, { n: 1 })
    assert.is(event.isBase64Encoded, false)
    const { time, timeEpoch, ...context } = event.requestContext
    assert.equal(context, {
      requestId: 'event-1',
      callbackId: subject.id,
      version: 1,
      runtime,
      identity: { sourceIp: '127.0.0.1' },
    })
    assert.is(new Date(timeEpoch).toISOString(), time)
    assert.ok(timeEpoch >= before - 1000 && timeEpoch <= Date.now() + 1000)
  })

  test('event: what the request does not have is there and empty', async () => {
    const event = await jsonOf<Event>((await deploy(ECHO)).call())
    const { pathParameters, queryStringParameters, multiValueQueryStringParameters, cookies, body } = event
    assert.equal(
      { pathParameters, queryStringParameters, multiValueQueryStringParameters, cookies, body },
      {
        pathParameters: {},
        queryStringParameters: {},
        multiValueQueryStringParameters: {},
        cookies: [],
        body: {},
      },
    )
    assert.is(event.httpMethod, 'GET')
    assert.match(event.requestContext.requestId, /^[0-9a-f-]{36}$/)
  })

  test('event: the body by its type', async () => {
    const subject = await deploy(ECHO_BODY)
    for (const [name, body, type, expected, base64 = false] of BODIES) {
      const init = { method: 'POST', body, headers: type === null ? {} : { 'content-type': type } }
      const seen = await jsonOf(subject.call(init))
      assert.equal(seen.body, expected, name)
      assert.is(seen.isBase64Encoded, base64, name)
    }
  })

  test('event: a body that comes in pieces, and a large one, is whole', async () => {
    const code: SharedCode = {
      node: 'export const handler = ({ body }) => ({ length: body.length, end: body.slice(-3) })',
      python: 'def handler(event):\n    return {"length": len(event["body"]), "end": event["body"][-3:]}',
    }
    const subject = await deploy(code)
    const pieces = ['a'.repeat(100), 'b'.repeat(70_000), 'xyz']
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(piece))
      },
    })
    const streamed: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half' }
    assert.equal(await jsonOf(subject.call(streamed)), { length: 70_103, end: 'xyz' })
    const large = { method: 'POST', body: `${'c'.repeat(1_500_000)}end` }
    assert.equal(await jsonOf(subject.call(large)), { length: 1_500_003, end: 'end' })
  })

  test('context: every field, and the time that remains', async () => {
    const code: SharedCode = {
      node: `export const handler = async (event, context) => {
        const first = context.getRemainingTimeInMillis()
        await new Promise((resolve) => setTimeout(resolve, 20))
        return { ...context, first, then: context.getRemainingTimeInMillis() }
      }`,
      python: `
import time
def handler(event, context):
    first = context.get_remaining_time_in_millis()
    time.sleep(0.02)
    return {
        "requestId": context.aws_request_id,
        "functionName": context.function_name,
        "functionVersion": context.function_version,
        "memoryLimitInMB": context.memory_limit_in_mb,
        "first": first,
        "then": context.get_remaining_time_in_millis(),
    }`,
    }
    const subject = await deploy(code, { limits: { timeout_ms: 20_000, memory_mb: 96 } })
    const seen = await jsonOf<Record<string, number>>(subject.call({ headers: { 'x-request-id': 'ctx-1' } }))
    const { first, then: later, ...context } = seen
    assert.equal(context, {
      requestId: 'ctx-1',
      functionName: subject.path,
      functionVersion: '1',
      memoryLimitInMB: 96,
    })
    assert.ok(first! <= 20_000 && first! > 0, `${first}`)
    assert.ok(later! < first! && later! > 0, `${later} after ${first}`)
  })

  test('traceparent reaches the function', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const code: SharedCode = {
      node: 'export const handler = (event) => ({ seen: event.headers.traceparent, state: event.headers.tracestate })',
      python: `
def handler(event):
    return {"seen": event["headers"]["traceparent"], "state": event["headers"]["tracestate"]}`,
    }
    const headers = { traceparent, tracestate: 'vendor=1' }
    assert.equal(await jsonOf((await deploy(code)).call({ headers })), {
      seen: traceparent,
      state: 'vendor=1',
    })
  })
}
