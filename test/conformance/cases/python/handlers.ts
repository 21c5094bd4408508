import * as assert from 'uvu/assert'
import { jsonOf, type PythonCode, type Register, type Subject } from '../../subject.ts'

/** Callables of every kind; each answers with the method of the request. */
const SHAPES: readonly (readonly [name: string, python: string])[] = [
  [
    'an instance with __call__',
    'class Greeter:\n    def __call__(self, event, context):\n        return event["httpMethod"]\nhandler = Greeter()',
  ],
  [
    'an instance with an asynchronous __call__',
    'class Greeter:\n    async def __call__(self, event):\n        return event["httpMethod"]\nhandler = Greeter()',
  ],
  [
    'a partial',
    'from functools import partial\ndef work(prefix, event):\n    return prefix + event["httpMethod"]\nhandler = partial(work, "")',
  ],
  ['a default for the second parameter', 'def handler(event, context=None):\n    return event["httpMethod"]'],
  [
    'any number of parameters',
    'def handler(*args):\n    assert len(args) == 2\n    return args[0]["httpMethod"]',
  ],
  ['a keyword besides', 'def handler(event, *, flag=True):\n    return flag and event["httpMethod"]'],
  [
    'a decorated function',
    `
import functools
def checked(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
@checked
def handler(event):
    return event["httpMethod"]`,
  ],
  ['a lambda', 'handler = lambda event: event["httpMethod"]'],
  [
    'lambda_handler goes before app',
    'def app(environ, start_response):\n    raise Exception("not me")\ndef lambda_handler(event, context):\n    return event["httpMethod"]',
  ],
  [
    'handler goes before app',
    'async def app(scope, receive, send):\n    raise Exception("not me")\ndef handler(event, context):\n    return event["httpMethod"]',
  ],
]

/** Modules that cannot be deployed, and what the author is told. */
const REFUSED: readonly (readonly [python: string, told: RegExp])[] = [
  ['class handler:\n    pass', /handler\\?" is a class/],
  ['def handler(event, context, more):\n    pass', /must take \(event, context\).*3 positional/],
  ['def app(one, two, three, four):\n    pass', /ASGI application.*WSGI application/],
  ['import no_such_module\ndef handler(event):\n    pass', /No module named 'no_such_module'/],
  ['def handler(event)\n    pass', /SyntaxError[\s\S]*main\.py\\?", line 1/],
  ['import sys\nsys.exit(3)', /SystemExit/],
]

/** What a module of Python can be. */
export function pythonHandlerCases(
  test: Register,
  { deploy, register, server, cType }: Subject<PythonCode>,
): void {
  for (const [name, python] of SHAPES) {
    test(`shape: ${name}`, async () => {
      assert.is(await jsonOf((await deploy({ python })).call({ method: 'PATCH' })), 'PATCH')
    })
  }

  test('context: each name has its twin in the style of Lambda', async () => {
    const python = `
def lambda_handler(event, context):
    assert context.requestId == context.aws_request_id
    assert context.functionName == context.function_name
    assert context.functionVersion == context.function_version
    assert context.memoryLimitInMB == context.memory_limit_in_mb
    assert abs(context.getRemainingTimeInMillis() - context.get_remaining_time_in_millis()) < 1000
    return [context.requestId, context.functionName, context.functionVersion, context.memoryLimitInMB]`
    const subject = await deploy({ python }, { limits: { memory_mb: 96 } })
    const answer = await jsonOf(subject.call({ headers: { 'x-request-id': 'twin-1' } }))
    assert.equal(answer, ['twin-1', subject.path, '1', 96])
  })

  test('a module that cannot be imported fails the deployment and says why', async () => {
    for (const [python, told] of REFUSED) {
      const { id } = await register({ python })
      const failure = await server.deploy(id, cType).then(
        () => 'it was deployed',
        (error: Error) => error.message,
      )
      assert.match(failure, told, python)
      assert.is((await jsonOf(server.api(`/callbacks/${id}`))).status, 'failed', python)
    }
  })
}
