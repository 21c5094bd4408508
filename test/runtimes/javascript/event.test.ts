import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lambdaContext } from '../../../runtimes/javascript/context.ts'
import { buildEvent } from '../../../runtimes/javascript/event.ts'
import type { CallHead } from '../../../src/runtime/wire.ts'
import { META } from './guest-box.ts'

const test = suite('the event')

const HEAD: CallHead = {
  method: 'POST',
  url: 'http://localhost/api/users/7?a=1&a=2&b=x+y%21&c',
  headers: [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['cookie', 'one=1; two=2'],
    ['x-a', '1'],
    ['x-a', '2'],
  ],
  whole: true,
  requestId: 'r-1',
  path: 'users/:id',
  params: { id: '7' },
  ip: '10.0.0.9',
  deadline: Date.now() + 1000,
}
const bytes = (text: string) => new TextEncoder().encode(text)
const bodyOf = (type: string, data: Uint8Array) => {
  const { body, isBase64Encoded } = buildEvent(META, { ...HEAD, headers: [['content-type', type]] }, data)
  return [body, isBase64Encoded]
}

test('has everything that the contract lists', () => {
  const { requestContext, ...event } = buildEvent(META, HEAD, bytes('{"q":1}'))
  assert.equal(event, {
    httpMethod: 'POST',
    path: 'users/:id',
    pathParameters: { id: '7' },
    queryStringParameters: { a: '2', b: 'x y!', c: '' },
    multiValueQueryStringParameters: { a: ['1', '2'], b: ['x y!'], c: [''] },
    headers: { 'content-type': 'application/json; charset=utf-8', cookie: 'one=1; two=2', 'x-a': '1, 2' },
    cookies: ['one=1', 'two=2'],
    body: { q: 1 },
    isBase64Encoded: false,
  })
  const { time, timeEpoch, ...rest } = requestContext
  assert.equal(rest, {
    requestId: 'r-1',
    callbackId: 7,
    version: 3,
    runtime: 'worker',
    identity: { sourceIp: '10.0.0.9' },
  })
  assert.is(new Date(time).getTime(), timeEpoch)
})

test('the body by its type', () => {
  assert.equal(bodyOf('application/json', bytes('')), [{}, false])
  assert.equal(bodyOf('text/plain', bytes('')), [{}, false])
  assert.equal(bodyOf('application/json', bytes('[1,"é"]')), [[1, 'é'], false])
  assert.equal(bodyOf('Application/Problem+JSON;x=y', bytes('null')), [null, false])
  assert.equal(bodyOf('application/json', bytes('\ufeff{"a":1}')), [{ a: 1 }, false])
  assert.equal(bodyOf('application/json', bytes('{"a":')), ['{"a":', false])
  assert.equal(bodyOf('application/jsonp', bytes('{}')), ['{}', false])
  assert.equal(bodyOf('text/plain', bytes('{"a":1}')), ['{"a":1}', false])
  assert.equal(bodyOf('', bytes('a=1&b')), ['a=1&b', false])
  assert.equal(bodyOf('image/png', new Uint8Array([0xff, 0xd8, 0])), ['/9gA', true])
  assert.equal(bodyOf('application/json', new Uint8Array([0xc3])), ['ww==', true])
})

test('the query as URLSearchParams reads it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '?', '=', '&', '+', '%', '2', 'f', 'C', '3', 'é', '_') }),
      (query) => {
        const { queryStringParameters, multiValueQueryStringParameters } = buildEvent(
          META,
          { ...HEAD, url: `http://localhost/?${query}#a=1` },
          bytes(''),
        )
        const wanted = new URLSearchParams(`?${query}`)
        for (const key of wanted.keys()) {
          assert.equal(multiValueQueryStringParameters[key], wanted.getAll(key))
          assert.is(queryStringParameters[key], wanted.getAll(key).at(-1))
        }
        assert.is(Object.keys(queryStringParameters).length, new Set(wanted.keys()).size)
      },
    ),
  )
})

test('names from outside are names like any other', () => {
  const { queryStringParameters, headers } = buildEvent(
    META,
    {
      ...HEAD,
      url: 'http://localhost/?__proto__=x&constructor=y',
      headers: [
        ['__proto__', 'z'],
        ['constructor', 'w'],
      ],
    },
    bytes(''),
  )
  assert.equal(Object.entries(queryStringParameters), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
  assert.equal(Object.entries(headers), [
    ['__proto__', 'z'],
    ['constructor', 'w'],
  ])
  assert.is(Object.getPrototypeOf(queryStringParameters), Object.prototype)
})

test('the context', () => {
  const context = lambdaContext(META, HEAD)
  assert.is(context.requestId, 'r-1')
  assert.is(context.functionName, 'users/:id')
  assert.is(context.functionVersion, '3')
  assert.is(context.memoryLimitInMB, 64)
  assert.ok(context.getRemainingTimeInMillis() <= 1000)
  assert.is(lambdaContext(META, { ...HEAD, deadline: 0 }).getRemainingTimeInMillis(), 0)
})

test.run()
