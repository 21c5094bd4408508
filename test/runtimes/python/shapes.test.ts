// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../../support/skip.ts'
import { PYTHON, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('what a Python handler can be')
const test = needing(suiteOf, PYTHON)

const FUNCTIONS: readonly (readonly [name: string, code: string, answer: unknown])[] = [
  ['event and context', 'def handler(event, context): return [event["path"], context.request_id]', 'both'],
  ['the event alone', 'def handler(event): return event["path"]', 'event'],
  ['nothing', 'def handler(): return "nothing"', 'nothing'],
  [
    'an optional context',
    'def handler(event, context=None): return [event["path"], context.request_id]',
    'both',
  ],
  ['options beyond the context', 'def handler(event, *, debug=False): return event["path"]', 'event'],
  ['whatever comes', 'def handler(*args): return [args[0]["path"], args[1].request_id]', 'both'],
  ['a coroutine function', 'async def handler(event): return event["path"]', 'event'],
  ['a lambda', 'handler = lambda event, context: [event["path"], context.request_id]', 'both'],
  [
    'a function that returns an awaitable',
    'async def later(event): return event["path"]\ndef handler(event): return later(event)',
    'event',
  ],
  [
    'an object that can be called',
    'class Handler:\n  def __call__(self, event): return event["path"]\nhandler = Handler()',
    'event',
  ],
  [
    'an object with an asynchronous call',
    'class Handler:\n  async def __call__(self, event, context): return [event["path"], context.request_id]\nhandler = Handler()',
    'both',
  ],
  [
    'a bound method',
    'class Api:\n  def run(self, event): return event["path"]\nhandler = Api().run',
    'event',
  ],
  [
    'a partial',
    'from functools import partial\ndef run(word, event): return event["path"]\nhandler = partial(run, "x")',
    'event',
  ],
  [
    'a decorated function',
    'import functools\ndef wrap(f):\n  @functools.wraps(f)\n  def inner(*a, **k): return f(*a, **k)\n  return inner\n@wrap\ndef handler(event): return event["path"]',
    'event',
  ],
  [
    'a decorated coroutine function',
    'import functools\ndef wrap(f):\n  @functools.wraps(f)\n  def inner(*a, **k): return f(*a, **k)\n  return inner\n@wrap\nasync def handler(event): return event["path"]',
    'event',
  ],
  [
    'lambda_handler before handler',
    'def handler(event): return "second"\ndef lambda_handler(event): return event["path"]',
    'event',
  ],
  [
    'handler before app',
    'def app(environ, start_response): return []\ndef handler(event): return event["path"]',
    'event',
  ],
  [
    'handler where lambda_handler is no function',
    'lambda_handler = 1\ndef handler(event): return event["path"]',
    'event',
  ],
]
const ANSWERS: Record<string, unknown> = {
  both: ['things/:id', 'request-1'],
  event: 'things/:id',
  nothing: 'nothing',
}

for (const [name, code, answer] of FUNCTIONS)
  test(`takes ${name}`, () =>
    withPython(code, async (guest) => {
      assert.is(guest.startFailed, null, JSON.stringify(guest.startFailed))
      assert.equal(await guest.json(), ANSWERS[String(answer)])
    }))

const REFUSED: readonly (readonly [name: string, code: string, message: RegExp])[] = [
  [
    'an empty module',
    '',
    /^Cannot find a handler: the module must have lambda_handler\(event, context\), handler\(event, context\) or app, an ASGI or WSGI application: it defines nothing$/,
  ],
  ['other names', 'import os\ndef main(event): pass\nVALUE = 1\n_hidden = 2', /: it defines main, VALUE$/],
  [
    'a class',
    'class handler:\n  pass',
    /its "handler" is a class, it must be an instance of it or a function$/,
  ],
  [
    'three arguments',
    'def handler(a, b, c): pass',
    /Cannot use "handler": it must take \(event, context\): it needs 3 positional/,
  ],
  [
    'an application without arguments',
    'def app(): pass',
    /Cannot use "app": it must be an ASGI application.*it takes 0 arguments$/,
  ],
]

for (const [name, code, message] of REFUSED)
  test(`refuses ${name}`, async () => {
    const guest = await startPython(code)
    assert.is(guest.startFailed?.kind, 'no_handler')
    assert.is(guest.startFailed?.name, 'NoHandler')
    assert.match(guest.startFailed?.message ?? '', message)
    assert.is(await guest.stop(), 0)
  })

test('the context has its names on Lambda too', () =>
  withPython(
    `def handler(event, context):
      return [context.aws_request_id, context.function_name, context.function_version, context.memory_limit_in_mb,
        context.requestId, context.functionName, context.functionVersion, context.memoryLimitInMB,
        0 < context.get_remaining_time_in_millis() <= 5000, 0 < context.getRemainingTimeInMillis() <= 5000,
        context.invoked_function_arn]`,
    async (guest) => {
      const lambda = ['request-1', 'things/:id', '3', 128]
      assert.equal(await guest.json(), [
        ...lambda,
        ...lambda,
        true,
        true,
        'arn:faas:lambda:local:7:function:things/:id:3',
      ])
      assert.equal((await guest.json<unknown[]>({ deadline: 5 })).slice(8, 10), [false, false])
    },
  ))

test('the module is loaded once, and its state is the worker’s', () =>
  withPython(
    'import os\nloaded_by = os.getpid()\ncalls = 0\ndef handler(event):\n  global calls\n  calls += 1\n  return [loaded_by, calls, __name__, os.path.basename(__file__), open(__file__).read()[:9]]',
    async (guest) => {
      const [by, first, name, file, text] = await guest.json<unknown[]>()
      assert.equal([first, name, file, text], [1, 'main', 'main.py', 'import os'])
      assert.equal((await guest.json<unknown[]>()).slice(0, 2), [by, 2])
    },
    { concurrency: 1 },
  ))

test('the environment is the function’s own', () =>
  withPython(
    'import os, subprocess, sys\ndef handler(event):\n  child = subprocess.run([sys.executable, "-c", "import os; print(sorted(os.environ))"], capture_output=True, text=True).stdout\n  return [os.environ.get("GIVEN"), os.environ.get("LEAK"), "PATH" in os.environ, os.environ["HOME"] == os.getcwd(), "GIVEN" in child, "LEAK" in child]',
    async (guest) => assert.equal(await guest.json(), ['yes', null, true, true, true, false]),
    { meta: { env: { GIVEN: 'yes' } }, env: { LEAK: 'secret' } },
  ))

suiteOf.run()
