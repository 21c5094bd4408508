import * as assert from 'uvu/assert'
import type { CaseCode, Deployed, Instances, Register, Subject } from '../subject.ts'
import { jsonOf } from '../subject.ts'

/** A problem document of /api. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly blame: string
  readonly request_id: string
  readonly callback_id?: number
  readonly lambdaStatusCode: number
  readonly body: string
  readonly error?: { name: string; message: string; stack: string }
  readonly kill?: { reason: string; limit: number | null; used: number | null }
}

interface Expected {
  readonly status: number
  readonly code: string
  readonly lambda: number
  readonly blame: string
}

/** Holds an error answer against the one shape that all have, and gives its document. */
export async function problemOf(answer: Response, expected: Expected): Promise<Problem> {
  const text = await answer.text()
  const what = `${answer.status} ${text}`
  assert.is(answer.headers.get('content-type'), 'application/problem+json', what)
  const problem = JSON.parse(text) as Problem
  assert.is(answer.status, expected.status, what)
  assert.is(problem.status, expected.status, what)
  assert.is(problem.code, expected.code, what)
  assert.is(problem.blame, expected.blame, what)
  assert.is(problem.lambdaStatusCode, expected.lambda, what)
  assert.is(answer.headers.get('x-lambda-status-code'), String(expected.lambda), what)
  assert.is(answer.headers.get('x-request-id'), problem.request_id, what)
  for (const field of ['type', 'title', 'detail', 'body'] as const)
    assert.type(problem[field], 'string', what)
  assert.not.match(problem.detail, /[.!]$/, 'a sentence ends without a period')
  assert.not.match(
    text,
    /node:internal|node_modules|\/src\/|runtimes\/|file:\/\//,
    'nothing of the gateway itself',
  )
  return problem
}

const THREW: Expected = { status: 500, code: 'function_threw', lambda: 500, blame: 'function' }
const UNSENDABLE: Expected = { status: 502, code: 'answer_unsendable', lambda: 400, blame: 'function' }
const TIMEOUT: Expected = { status: 504, code: 'function_timeout', lambda: 504, blame: 'function' }
const KILLED: Expected = { status: 500, code: 'function_killed', lambda: 500, blame: 'function' }

/** What cannot be sent as an answer. */
const UNSENDABLES = [
  '1n',
  '({ big: 1n })',
  '(() => { const a = {}; a.a = a; return a })()',
  '() => 1',
  'Symbol("s")',
  '({ statusCode: 99 })',
  '({ statusCode: 700 })',
  '({ statusCode: 101 })',
  '({ statusCode: 200, headers: [["a", "b"]] })',
  '({ statusCode: 200, headers: { a: { b: 1 } } })',
  '({ statusCode: 200, headers: { "no name": "x" } })',
  '({ statusCode: 200, headers: { a: "split\\r\\nset-cookie: b=1" } })',
  '({ statusCode: 200, headers: { a: "zero\\0" } })',
  '({ statusCode: 200, headers: { a: "\\u0100" } })',
  '({ statusCode: 200, multiValueHeaders: { a: "b" } })',
  '({ statusCode: 200, cookies: "a=1" })',
  '({ statusCode: 200, cookies: ["a=1\\r\\nx: y"] })',
  '({ statusCode: 200, body: "not base64!", isBase64Encoded: true })',
  '({ statusCode: 200, body: { n: 1n } })',
]

/** Errors: their shape, their status, their LambdaStatusCode. */
export function failureCases(test: Register, subject: Subject): void {
  const { deploy, language, hard } = subject
  if (language !== 'node') return

  test('failure: a throw tells where in the source of its author', async () => {
    const node = [
      'interface Gone { readonly with: "the types" }',
      '',
      'function inner(reason: string): never {',
      '  throw new TypeError("broken: " + reason)',
      '}',
      'type AlsoGone = Gone',
      'export const handler = async (event: AlsoGone) => {',
      '  await null',
      '  return inner("it had to")',
      '}',
    ].join('\n')
    const deployed = await deploy({ node })
    const problem = await problemOf(await deployed.call(), THREW)
    assert.is(problem.callback_id, deployed.id)
    assert.is(problem.error?.name, 'TypeError')
    assert.is(problem.error?.message, 'broken: it had to')
    assert.is(problem.body, 'broken: it had to')
    const [first, ...frames] = problem.error!.stack.split('\n')
    assert.is(first, 'TypeError: broken: it had to')
    assert.match(frames[0]!, /^ {4}at inner \(callback\.ts:4:9\)$/)
    assert.match(frames[1]!, /callback\.ts:9:10\)?$/)
  })

  test('failure: whatever is thrown, and however', async () => {
    for (const [code, name, message] of [
      ['export default () => { throw new RangeError("sync") }', 'RangeError', 'sync'],
      ['export default async () => { throw new Error("async") }', 'Error', 'async'],
      ['export const handler = () => Promise.reject("a text")', 'Error', 'a text'],
      ['export const handler = () => { throw undefined }', 'Error', 'undefined'],
      ['export const handler = () => { throw { why: "no error" } }', 'Error', "{ why: 'no error' }"],
      [
        'class Own extends Error { name = "Own" }; export const handler = () => { throw new Own("mine") }',
        'Own',
        'mine',
      ],
      [
        'export const handler = () => { throw Object.defineProperty(new Error(), "message", { get() { throw 1 } }) }',
        'Error',
        '',
      ],
    ] as const) {
      const problem = await problemOf(await (await deploy({ node: code })).call(), THREW)
      assert.equal([problem.error?.name, problem.error?.message], [name, message], code)
    }
  })

  test('failure: a fetch handler that answers with no Response is sent as any other value', async () => {
    const answer = await (await deploy({ node: 'export default () => ({ not: "a Response" })' })).call()
    assert.equal([answer.status, await answer.text()], [200, '{"not":"a Response"}'])
  })

  test('failure: what cannot be sent is 502', async () => {
    for (const value of UNSENDABLES) {
      const code = { node: `export const handler = () => ${value.startsWith('()') ? `(${value})` : value}` }
      const problem = await problemOf(await (await deploy(code)).call(), UNSENDABLE)
      assert.match(problem.detail, /^Cannot send the answer of "case-\d+"/, value)
    }
  })

  for (const [name, node] of [
    ['a handler that never answers', 'export const handler = () => new Promise(() => {})'],
    ['a busy loop', 'export const handler = () => { for (;;); }'],
    ['a busy loop after an await', 'export const handler = async () => { await null; for (;;); }'],
  ] as const) {
    test(`timeout: ${name} is 504, and really gone when the answer is here`, async () => {
      const deployed = await deploy({ node }, { limits: { timeout_ms: 300 } })
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'late-1' } }), TIMEOUT)
      assert.is(problem.body, 'Process Time Out (0.3s)')
      assert.is(problem.kill?.reason, 'timeout')
      assert.is(problem.kill?.limit, 300)
      assert.ok((problem.kill?.used ?? 0) >= 295, `used ${problem.kill?.used}`)
      await assertGone(deployed, 'timeout', 'late-1')
    })
  }

  test('timeout: whole seconds are told as such', async () => {
    const code = { node: 'export const handler = () => new Promise(() => {})' }
    const deployed = await deploy(code, { limits: { timeout_ms: 1000 } })
    assert.is((await problemOf(await deployed.call(), TIMEOUT)).body, 'Process Time Out (1s)')
  })

  const memoryBomb: CaseCode = {
    node: 'export const handler = () => { const kept = []; for (;;) kept.push(new Array(10_000).fill({})) }',
  }
  if (hard.includes('memory')) {
    test('memory: more than its limit is 500 with the numbers, and it is gone', async () => {
      const deployed = await deploy(memoryBomb, { limits: { memory_mb: 32 } })
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'fat-1' } }), KILLED)
      assert.is(problem.kill?.reason, 'memory')
      assert.is(problem.kill?.limit, 32)
      assert.ok((problem.kill?.used ?? 0) > 0)
      await assertGone(deployed, 'memory', 'fat-1')
    })
  }

  if (hard.includes('cpu')) {
    test('cpu: more than its limit is 500 with the numbers, and it is gone', async () => {
      const deployed = await deploy(
        { node: 'export const handler = () => { for (;;); }' },
        { limits: { cpu_ms: 60 } },
      )
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'hot-1' } }), KILLED)
      assert.is(problem.kill?.reason, 'cpu')
      assert.is(problem.kill?.limit, 60)
      assert.ok((problem.kill?.used ?? 0) >= 60, `used ${problem.kill?.used}`)
      await assertGone(deployed, 'cpu', 'hot-1')
    })
  }

  test('failure: after each the next call is served', async () => {
    const node = `let calls = 0
      export const handler = (event) => {
        calls++
        if (event.queryStringParameters.how === 'throw') throw new Error('once')
        if (event.queryStringParameters.how === 'hang') return new Promise(() => {})
        return { calls }
      }`
    const deployed = await deploy({ node }, { limits: { timeout_ms: 300, max_instances: 1 } })
    await problemOf(await deployed.call({}, '?how=throw'), THREW)
    assert.equal(await jsonOf(deployed.call()), { calls: 2 }, 'a throw costs no instance')
    await problemOf(await deployed.call({}, '?how=hang'), TIMEOUT)
    assert.equal(await jsonOf(deployed.call()), { calls: 1 }, 'a timeout costs one')
  })

  test('failure: a module that throws only sometimes while it loads fails the call that needs it', async () => {
    const node = `if (Date.now() > Number(process.env.UNTIL)) throw new Error('too late to load')
      export default () => new Response('loaded')`
    const until = Date.now() + 4000
    const deployed = await deploy({ node }, { env: { UNTIL: String(until) }, limits: { idle_ms: 0 } })
    while (Date.now() <= until + 50 || (await deployed.list<Instances>('instances')).instances.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 25))
    const problem = await problemOf(await deployed.call(), {
      status: 500,
      code: 'boot_failed',
      lambda: 500,
      blame: 'function',
    })
    assert.is(problem.error?.message, 'too late to load')
    assert.match(problem.error?.stack ?? '', /callback\.ts:1:\d+/)
  })
}

async function assertGone(deployed: Deployed, reason: string, requestId: string): Promise<void> {
  const { instances, ended } = await deployed.list<Instances>('instances')
  assert.is(instances.filter((instance) => instance.in_flight > 0).length, 0)
  const last = ended.find((exit) => exit.last_request_id === requestId)
  assert.is(last?.reason, reason, JSON.stringify(ended))
  assert.is(
    instances.some((instance) => instance.instance_id === last?.instance_id),
    false,
  )
}
