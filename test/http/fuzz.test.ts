// @slow
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { METHODS } from '../../src/domain/callback.ts'
import { CallbackView } from '../../src/http/schemas/callback.ts'
import { ChatroomView, ChatView } from '../../src/http/schemas/chatroom.ts'
import { ProblemView } from '../../src/http/schemas/system.ts'
import { HELLO, httpApp } from '../support/http-app.ts'

const test = suite('any JSON to any endpoint')

const ENDPOINTS = [
  ['POST', '/chatroom', ChatroomView],
  ['PUT', '/chatroom/1', ChatroomView],
  ['POST', '/chatroom/1/chats', ChatView],
  ['POST', '/callbacks', CallbackView],
  ['PUT', '/callbacks/1003', CallbackView],
  ['POST', '/deploy', CallbackView],
  ['POST', '/callback/deploy?wait=0', CallbackView],
] as const

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('***', '', 'a/:b', '{}', '__proto__'),
)
const anyNumber = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1, 1003, 0, -0, 2 ** 53))
const anyValue = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }))

/** Mostly valid, with anything in any place: this gets past the first check far more often than random JSON. */
function nearly(shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(shape).map(([name, good]) => [
    name,
    fc.oneof({ weight: 8, arbitrary: good }, anyValue),
  ])
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] })
}

const env = fc.dictionary(fc.oneof(anyText, fc.constantFrom('A', 'B')), fc.oneof(anyText, fc.constant('***')))
const limits = fc.dictionary(
  fc.constantFrom('timeout_ms', 'memory_mb', 'cpu_ms', 'mode', 'min_instances', 'x'),
  anyValue,
)
const callback = nearly({
  path: anyText,
  method: fc.constantFrom(...METHODS),
  type: fc.constantFrom('node', 'python'),
  code: anyText,
  library: fc.oneof(anyText, fc.constant('{"dependencies": {}}')),
  env,
  chat_id: fc.constantFrom(1, 2, null),
  limits,
  response_mode: fc.constantFrom('proxy', 'envelope'),
})
const chatroom = nearly({ title: anyText, callback_id: fc.constantFrom(1003, 5, null) })
const chat = nearly({ role: fc.constantFrom('user', 'system'), content: anyText })
const deploy = nearly({
  callback_id: fc.constantFrom(1003, 1004, 9),
  status: fc.boolean(),
  c_type: fc.constantFrom('auto', 'docker'),
})
const anyBody = fc.oneof(fc.jsonValue(), callback, chatroom, chat, deploy)

test('the answer is what the schema says or a problem of the caller, never a failure of ours', async () => {
  await using app = await httpApp()
  await app.ask('POST', '/chatroom', { title: 'first' })
  await app.ask('POST', '/callbacks', { ...HELLO, env: { A: 'x' } })
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ENDPOINTS), anyBody, async ([method, path, schema], body) => {
      const answer = await app.ask(method, path, JSON.stringify(body))
      if (answer.status === 200) {
        accepted++
        v.parse(schema as v.GenericSchema, answer.body)
      } else {
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.raw}`)
        v.parse(ProblemView, answer.body)
        assert.is(answer.headers.get('content-type'), 'application/problem+json')
      }
    }),
    { numRuns: 1500 },
  )
  assert.ok(accepted > 30, `only ${accepted} bodies were accepted: the generator is too wild`)
  assert.equal(
    app.logged.filter((entry) => entry.level === 'error'),
    [],
  )
})

test('any address is answered, with a problem where it is none', async () => {
  await using app = await httpApp()
  const segment = fc.oneof(
    fc.string(),
    fc.constantFrom('callbacks', 'chatroom', '1', 'logs', '..', '%2f', '%zz', '%00', '', 'deploy'),
  )
  const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`)
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')
  await fc.assert(
    fc.asyncProperty(method, path, async (verb, address) => {
      if (!URL.canParse(`http://127.0.0.1:8000${address}`) || address.startsWith('/deploy/events')) return
      const response = await app.fetch(new Request(`http://127.0.0.1:8000${address}`, { method: verb }), {})
      assert.ok(response.status < 500, `${verb} ${address}: ${response.status}`)
      await response.body?.cancel()
    }),
    { numRuns: 1000 },
  )
})

test.run()
