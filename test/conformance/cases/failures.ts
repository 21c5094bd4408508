import * as assert from 'uvu/assert'
import { problemOf, THREW, UNSENDABLE } from '../problems.ts'
import { choosing, type Instances, type Register, type SharedCode, type Subject } from '../subject.ts'

const THROWS: SharedCode = {
  node: [
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
  ].join('\n'),
  python: [
    '"""The line numbers count from here."""',
    '',
    'def inner(reason):',
    '    raise TypeError("broken: " + reason)',
    '',
    '',
    'async def handler(event):',
    '    local = None',
    '    return inner("it had to")',
  ].join('\n'),
}

/** The stack, in the form of its language. */
const STACKS: Readonly<Record<'node' | 'python', (stack: string) => void>> = {
  node(stack) {
    const [first, ...frames] = stack.split('\n')
    assert.is(first, 'TypeError: broken: it had to')
    assert.match(frames[0]!, /^ {4}at inner \(callback\.ts:4:9\)$/)
    assert.match(frames[1]!, /callback\.ts:9:10\)?$/)
  },
  python(stack) {
    const lines = stack.trimEnd().split('\n')
    assert.is(lines[0], 'Traceback (most recent call last):')
    assert.is(lines.at(-1), 'TypeError: broken: it had to')
    const frames = lines.filter((line) => line.startsWith('  File '))
    assert.equal(frames, ['  File "main.py", line 9, in handler', '  File "main.py", line 4, in inner'])
    assert.is(lines.filter((line) => line.trim() === 'raise TypeError("broken: " + reason)').length, 1)
  },
}

/** What a handler does, and the name and the message of what it threw. */
const THROWN: readonly (readonly [code: SharedCode, name: SharedCode, message: string])[] = [
  [
    {
      node: 'export default () => { throw new RangeError("sync") }',
      python: 'def handler(event):\n    raise ValueError("sync")',
    },
    { node: 'RangeError', python: 'ValueError' },
    'sync',
  ],
  [
    {
      node: 'export default async () => { throw new Error("async") }',
      python: 'async def handler(event):\n    raise Exception("async")',
    },
    { node: 'Error', python: 'Exception' },
    'async',
  ],
  [
    {
      node: 'class Own extends Error { name = "Own" }; export const handler = () => { throw new Own("mine") }',
      python: 'class Own(Exception):\n    pass\ndef handler(event):\n    raise Own("mine")',
    },
    { node: 'Own', python: 'Own' },
    'mine',
  ],
]

/** What cannot be sent as an answer, as each language writes it. */
const UNSENDABLES: readonly SharedCode[] = [
  { node: '1n', python: 'object()' },
  { node: '{ big: 1n }', python: '{"big": 1j}' },
  {
    node: '(() => { const a = {}; a.a = a; return a })()',
    python: '(lambda a: a.update(a=a) or a)({})',
  },
  { node: '() => 1', python: 'lambda: 1' },
  { node: 'Symbol("s")', python: 'int' },
  ...[
    '{ "statusCode": 99 }',
    '{ "statusCode": 700 }',
    '{ "statusCode": 101 }',
    '{ "statusCode": 200, "headers": [["a", "b"]] }',
    '{ "statusCode": 200, "headers": { "a": { "b": 1 } } }',
    '{ "statusCode": 200, "headers": { "no name": "x" } }',
    '{ "statusCode": 200, "headers": { "": "x" } }',
    '{ "statusCode": 200, "headers": { "a": "split\\r\\nset-cookie: b=1" } }',
    '{ "statusCode": 200, "headers": { "a": "zero\\x00" } }',
    '{ "statusCode": 200, "headers": { "a": "\\u0100" } }',
    `{ "statusCode": 200, "headers": { "a": "${'x'.repeat(70_000)}" } }`,
    '{ "statusCode": 200, "multiValueHeaders": { "a": "b" } }',
    '{ "statusCode": 200, "cookies": "a=1" }',
    '{ "statusCode": 200, "cookies": ["a=1\\r\\nx: y"] }',
  ].map((both) => ({ node: both, python: both })),
  {
    node: '{ statusCode: 200, body: "not base64!", isBase64Encoded: true }',
    python: '{"statusCode": 200, "body": "not base64!", "isBase64Encoded": True}',
  },
  { node: '{ statusCode: 200, body: { n: 1n } }', python: '{"statusCode": 200, "body": {"n": object()}}' },
]

const LOADS_UNTIL: SharedCode = {
  node: `if (Date.now() > Number(process.env.UNTIL)) throw new Error('too late to load')
    export default () => new Response('loaded')`,
  python: `import os, time
if time.time() * 1000 > float(os.environ["UNTIL"]): raise RuntimeError("too late to load")
def handler(event):
    return "loaded"`,
}
const LOADING = { node: /callback\.ts:1:\d+/, python: /File "main\.py", line 2, in <module>/ } as const
/** Long enough for the deploy, with its first start. Milliseconds. */
const LOADABLE_FOR = 5000

/** Errors: their shape, their status, their LambdaStatusCode. */
export function failureCases(test: Register, { deploy, language }: Subject<SharedCode>): void {
  test('failure: a throw tells where in the source of its author', async () => {
    const deployed = await deploy(THROWS)
    const problem = await problemOf(await deployed.call(), THREW)
    assert.is(problem.callback_id, deployed.id)
    assert.is(problem.error?.name, 'TypeError')
    assert.is(problem.error?.message, 'broken: it had to')
    assert.is(problem.body, 'broken: it had to')
    STACKS[language](problem.error!.stack)
  })

  test('failure: whatever is thrown, and however', async () => {
    for (const [code, name, message] of THROWN) {
      const problem = await problemOf(await (await deploy(code)).call(), THREW)
      assert.equal([problem.error?.name, problem.error?.message], [name[language], message], code[language])
    }
  })

  test('failure: what cannot be sent is 502', async () => {
    const subject = await deploy(choosing(UNSENDABLES))
    for (const [index, row] of UNSENDABLES.entries()) {
      const about = row[language].slice(0, 100)
      const problem = await problemOf(await subject.call({}, `?n=${index}`), UNSENDABLE, about)
      assert.match(problem.detail, /^Cannot send the answer of "case-\d+"/, about)
    }
  })

  test('failure: a module that throws only sometimes while it loads fails the call that needs it', async () => {
    const until = Date.now() + LOADABLE_FOR
    const deployed = await deploy(LOADS_UNTIL, { env: { UNTIL: String(until) }, limits: { idle_ms: 0 } })
    while (Date.now() <= until + 50 || (await deployed.list<Instances>('instances')).instances.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 25))
    const problem = await problemOf(await deployed.call(), {
      status: 500,
      code: 'boot_failed',
      lambda: 500,
      blame: 'function',
    })
    assert.is(problem.error?.message, 'too late to load')
    assert.match(problem.error?.stack ?? '', LOADING[language])
  })
}
