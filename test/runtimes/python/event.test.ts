// @slow
// @node
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildEvent, type LambdaEvent } from '../../../runtimes/javascript/event.ts'
import type { CallHead } from '../../../src/runtime/wire.ts'
import { needing } from '../../support/skip.ts'
import { callHead, META, PYTHON, startPython } from './python-guest.ts'

const suiteOf = suite('the event in Python')
const test = needing(suiteOf, PYTHON)
const guest = PYTHON.missing === null ? await startPython('def handler(event): return event') : null

suiteOf.after(async () => {
  await guest?.stop()
})

/** What the two guests give for the same call, without the moment it came. */
async function both(head: Partial<CallHead>, bytes: Uint8Array): Promise<[unknown, unknown]> {
  const python = await guest!.json<LambdaEvent>(head, bytes)
  // Sent as JSON, as the other is.
  const javascript = JSON.parse(JSON.stringify(buildEvent(META, { ...callHead(), ...head }, bytes)))
  assert.match(python.requestContext.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.is(new Date(python.requestContext.time).getTime(), python.requestContext.timeEpoch)
  for (const event of [python, javascript] as LambdaEvent[]) {
    event.requestContext.time = ''
    event.requestContext.timeEpoch = 0
  }
  return [python, javascript]
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
// ASCII, as addresses are that a gateway passes on.
const query = fc
  .string({
    unit: fc.constantFrom(
      'a',
      '=',
      '&',
      '+',
      '%',
      '2',
      'f',
      'C',
      '3',
      '%C3%A9',
      '_',
      '#',
      '?',
      '%EF%BB%BF',
      '%ff',
      '%e2%82',
    ),
    maxLength: 24,
  })
  // The parser of JavaScript takes a first question mark away.
  .filter((one) => !one.startsWith('?'))
const name = fc.constantFrom(
  'Cookie',
  'cookie',
  'X-A',
  'x-a',
  'Content-Type',
  'accept',
  '__proto__',
  'constructor',
)
const value = fc.oneof(
  fc.constantFrom(
    'a=1; b=2;c=3',
    ';;',
    'application/json',
    'application/problem+json; charset=utf-8',
    'a/b+json',
  ),
  fc.constantFrom(
    'application/jsonp',
    'Application/JSON ;x',
    'text/plain',
    '',
    'a/ſ+jſon',
    '\u00a0',
    'x;\u00a0y',
  ),
  text,
)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  text.map((one) => new TextEncoder().encode(one)),
  fc.json({ maxDepth: 3 }).map((one) => new TextEncoder().encode(one)),
  fc
    .constantFrom(
      'NaN',
      '-Infinity',
      '{"a":1,"a":2}',
      '\ufeff{"a":1}',
      '\ufeff\ufeff1',
      '[1,]',
      '"\ud800"',
      ' 1 ',
      '1e2',
      '-0',
      '0.1',
      '01',
    )
    .map((one) => new TextEncoder().encode(one)),
)

test('is the one that JavaScript gets, whatever is sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      query,
      fc.array(fc.tuple(name, value), { maxLength: 6 }),
      body,
      fc.dictionary(fc.constantFrom('id', 'a', '__proto__'), text),
      async (search, headers, bytes, params) => {
        const [python, javascript] = await both(
          { url: `http://localhost/api/x?${search}`, headers, params },
          bytes,
        )
        assert.equal(python, javascript)
      },
    ),
    { numRuns: 400 },
  )
})

test('has everything that the contract lists', async () => {
  const [python, javascript] = await both(
    {
      method: 'PUT',
      url: 'http://localhost/api/users/7?a=1&a=2&b=x+y%21&c#frag',
      headers: [
        ['Content-Type', 'application/json; charset=utf-8'],
        ['cookie', 'one=1; two=2'],
        ['x-a', '1'],
        ['x-a', '2'],
      ],
    },
    new TextEncoder().encode('{"q":[1,2.5,"é",null,true]}'),
  )
  assert.equal(python, javascript)
  assert.equal((python as LambdaEvent).body, { q: [1, 2.5, 'é', null, true] })
  assert.equal((python as LambdaEvent).requestContext.identity, { sourceIp: '192.0.2.7' })
})

test('a body in pieces is the same as one in one', async () => {
  const call = guest!.open({ whole: false, headers: [['content-type', 'application/json']] })
  call.send(19, '', '{"a":')
  call.send(19, '', '[1,2]')
  call.send(19, '', '}')
  call.send(20)
  const reply = await call.over
  assert.equal((JSON.parse(reply.body.toString()) as LambdaEvent).body, { a: [1, 2] })
  const empty = guest!.open({ whole: false })
  empty.send(20)
  assert.equal((JSON.parse((await empty.over).body.toString()) as LambdaEvent).body, {})
})

test('what JSON cannot be read in Python is text, not an error', async () => {
  const headers: [string, string][] = [['content-type', 'application/json']]
  for (const odd of [`${'['.repeat(100_000)}`, `${'['.repeat(5000)}${']'.repeat(5000)}`, '9'.repeat(5000)]) {
    const { body: read } = await guest!.json<LambdaEvent>({ headers }, odd)
    assert.is(read, odd)
  }
})

suiteOf.run()
