import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HELLO, type HttpApp, httpApp } from '../support/http-app.ts'

const test = suite<{ app: HttpApp }>('callbacks')
test.before.each(async (context) => {
  context.app = await httpApp()
})
test.after.each(({ app }) => app.close())

const FIELDS = [
  'c_type',
  'callback_id',
  'chat_id',
  'created_at',
  'env',
  'library',
  'limits',
  'method',
  'path',
  'response_mode',
  'status',
  'type',
  'updated_at',
  'version',
]

test('a new callback has every field of the contract, its defaults and no code', async ({ app }) => {
  const { status, body } = await app.ask('POST', '/callbacks', { ...HELLO, path: '/greet/:name/' })
  assert.is(status, 200)
  assert.equal(Object.keys(body).sort(), FIELDS)
  assert.is(body.path, 'greet/:name')
  assert.is(body.status, 'pending')
  assert.is(body.response_mode, 'proxy')
  assert.is(body.limits.timeout_ms, 30_000)
  assert.is(body.limits.memory_mb, 128)
  assert.is(body.limits.min_instances, 0)
  assert.is(body.limits.mode, 'warm')
  assert.equal([body.library, body.chat_id, body.c_type, body.version], [null, null, null, null])
  assert.match(body.created_at, /^\d{4}-\d\d-\d\dT.*Z$/)
})

test('only GET one shows the code', async ({ app }) => {
  const { body } = await app.ask('POST', '/callbacks', HELLO)
  const one = await app.ask('GET', `/callbacks/${body.callback_id}`)
  assert.equal(Object.keys(one.body).sort(), [...FIELDS, 'code'].sort())
  assert.is(one.body.code, HELLO.code)
  const list = await app.ask('GET', '/callbacks')
  assert.equal(list.body, [body])
})

test('values of the environment never come back, and a mask keeps what is stored', async ({ app }) => {
  const env = { SECRET: 'hunter2', constructor: 'kept too' }
  const created = await app.ask('POST', '/callbacks', { ...HELLO, env })
  const id = created.body.callback_id
  assert.equal(created.body.env, { SECRET: '***', constructor: '***' })
  const address = `/callbacks/${id}`
  const updated = await app.ask('PUT', address, { env: { SECRET: '***', NEW: 'one' } })
  assert.is(updated.status, 200)
  assert.equal((await app.store.callbacks.get(id))?.env, { SECRET: 'hunter2', NEW: 'one' })
  for (const answer of [
    created,
    updated,
    await app.ask('GET', address),
    await app.ask('GET', '/callbacks'),
  ]) {
    assert.not.match(answer.raw, 'hunter2')
  }
  const none = await app.ask('PUT', address, { env: { OTHER: '***' } })
  assert.is(none.status, 422)
  assert.is(none.body.errors[0].path, 'env.OTHER')
  assert.is((await app.ask('POST', '/callbacks', { ...HELLO, path: 'b', env: { A: '***' } })).status, 422)
})

test('errors about an environment name the variable and not its value', async ({ app }) => {
  const cases: [string, string][] = [
    ['{"A": 5}', 'env.A'],
    ['{"A=B": "x"}', 'env.A=B'],
    ['{"": "x"}', 'env.'],
    ['{"A": "topsecret\\u0000"}', 'env.A'],
    ['{"__proto__": "x"}', 'env.__proto__'],
    ['[]', 'env'],
    [`{"A": "${'x'.repeat(200_000)}"}`, 'env'],
  ]
  for (const [env, path] of cases) {
    const answer = await app.ask(
      'POST',
      '/callbacks',
      `${JSON.stringify(HELLO).slice(0, -1)}, "env": ${env}}`,
    )
    assert.is(answer.status, 422, env.slice(0, 40))
    assert.is(answer.body.errors[0].path, path)
    assert.not.match(answer.raw, 'topsecret')
  }
})

test('an update changes what it names and nothing else', async ({ app }) => {
  const { body } = await app.ask('POST', '/callbacks', { ...HELLO, limits: { cpu_ms: 100 } })
  const address = `/callbacks/${body.callback_id}`
  assert.is(body.limits.cpu_ms, 100)
  assert.is(body.limits.concurrency, 1)
  const updated = await app.ask('PUT', address, { method: 'POST', response_mode: 'envelope' })
  assert.is(updated.status, 200)
  assert.equal(
    { ...updated.body, updated_at: '' },
    { ...body, method: 'POST', response_mode: 'envelope', updated_at: '' },
  )
  assert.is((await app.ask('PUT', address, {})).status, 200)
  assert.is((await app.ask('PUT', '/callbacks/999', { method: 'GET' })).status, 404)
})

test('a path and method are taken once, whatever the spelling', async ({ app }) => {
  const first = await app.ask('POST', '/callbacks', HELLO)
  const again = await app.ask('POST', '/callbacks', { ...HELLO, path: '/hello/' })
  assert.is(again.status, 409)
  assert.is(again.body.code, 'path_taken')
  assert.is(again.body.callback_id, first.body.callback_id)
  assert.match(again.body.detail, 'GET /hello')
  const other = await app.ask('POST', '/callbacks', { ...HELLO, method: 'POST' })
  assert.is(other.status, 200)
  const moved = await app.ask('PUT', `/callbacks/${other.body.callback_id}`, { method: 'GET' })
  assert.is(moved.status, 409)
})

test('a chatroom that does not exist is 404 and is named', async ({ app }) => {
  const answer = await app.ask('POST', '/callbacks', { ...HELLO, chat_id: 4711 })
  assert.is(answer.status, 404)
  assert.match(answer.body.detail, 'chatroom 4711')
  const { body } = await app.ask('POST', '/callbacks', HELLO)
  assert.is((await app.ask('PUT', `/callbacks/${body.callback_id}`, { chat_id: 4711 })).status, 404)
})

test('every limit out of range is 422 naming the range', async ({ app }) => {
  const cases: [Record<string, unknown>, string][] = [
    [{ timeout_ms: 0 }, 'limits.timeout_ms must be a whole number from 1 to 900000: it is 0'],
    [{ memory_mb: 134_217_728 }, 'limits.memory_mb must be a whole number from 16 to 8192: it is 134217728'],
    [{ cpu_ms: 1.5 }, 'limits.cpu_ms must be a whole number from 1 to 900000: it is 1.5'],
    [{ concurrency: '4' }, 'limits.concurrency must be a whole number from 1 to 1000: it is "4"'],
    [{ min_instances: -1 }, 'limits.min_instances must be a whole number from 0 to 100: it is -1'],
    [{ max_instances: null }, 'limits.max_instances must be a whole number from 1 to 1000: it is null'],
    [{ idle_ms: 1e300 }, 'limits.idle_ms must be a whole number from 0 to 86400000'],
    [{ answer_mb: 0 }, 'limits.answer_mb must be a whole number from 1 to 1048576: it is 0'],
    [{ log_lines: 0 }, 'limits.log_lines must be a whole number from 1 to 100000: it is 0'],
    [{ subrequests: -1 }, 'limits.subrequests must be a whole number from 0 to 1000000: it is -1'],
    [{ egress: 'open' }, 'limits.egress must be one of policy, none: it is "open"'],
    [{ egress_allow: 'a.example' }, 'limits.egress_allow must be a list: it is "a.example"'],
    [{ egress_allow: ['http://a.example'] }, 'limits.egress_allow.0 must be a host, a host with a port, or'],
    [{ mode: 'cold' }, 'limits.mode must be one of warm, job: it is "cold"'],
    [{ memory: 128 }, 'limits.memory is not a known field'],
    [{ min_instances: 5, max_instances: 4 }, 'must not have min_instances above max_instances'],
  ]
  for (const [limits, sentence] of cases) {
    const answer = await app.ask('POST', '/callbacks', { ...HELLO, limits })
    assert.is(answer.status, 422)
    assert.match(answer.body.detail, sentence)
  }
  assert.is((await app.ask('POST', '/callbacks', { ...HELLO, limits: [] })).status, 422)
})

test('a node library is the text of a package.json', async ({ app }) => {
  for (const library of ['lodash', '[]', '"x"', '{', 'null']) {
    const answer = await app.ask('POST', '/callbacks', { ...HELLO, library })
    assert.is(answer.status, 422, library)
    assert.is(answer.body.errors[0].path, 'library')
  }
  const good = await app.ask('POST', '/callbacks', { ...HELLO, library: '{"dependencies": {}}' })
  assert.is(good.status, 200)
  const python = await app.ask('POST', '/callbacks', {
    ...HELLO,
    path: 'p',
    type: 'python',
    library: 'flask',
  })
  assert.is(python.status, 200)
  assert.is((await app.ask('PUT', `/callbacks/${python.body.callback_id}`, { type: 'node' })).status, 422)
  const empty = await app.ask('PUT', `/callbacks/${python.body.callback_id}`, { library: '' })
  assert.is(empty.body.library, null)
})

test('absurd paths are 422 with a sentence about the path', async ({ app }) => {
  const paths = [
    '',
    '/',
    '..',
    'a/../b',
    'a//b',
    'a/%2f',
    'a\u0000b',
    'kube/x',
    '*/a',
    `${'x'.repeat(10_000)}`,
    'a?b',
    '\ud800',
  ]
  for (const path of paths) {
    const answer = await app.ask('POST', '/callbacks', { ...HELLO, path })
    assert.is(answer.status, 422, path.slice(0, 20))
    assert.is(answer.body.errors[0].path, 'path')
  }
  assert.is((await app.ask('POST', '/callbacks', { ...HELLO, path: 'grüße/日本' })).status, 200)
})

test('a callback is deleted, but not while it is being built', async ({ app }) => {
  const { body } = await app.ask('POST', '/callbacks', HELLO)
  const address = `/callbacks/${body.callback_id}`
  await app.ask('POST', '/deploy', { callback_id: body.callback_id, status: true })
  const building = await app.ask('DELETE', address)
  assert.is(building.status, 400)
  assert.is(building.body.code, 'delete_while_building')
  await app.deployer.finish(body.callback_id)
  const deleted = await app.ask('DELETE', address)
  assert.is(deleted.status, 200)
  assert.type(deleted.body.message, 'string')
  assert.is((await app.ask('DELETE', address)).status, 404)
})

test.run()
