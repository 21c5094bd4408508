// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../../support/skip.ts'
import { PYTHON, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('errors in Python')
const test = needing(suiteOf, PYTHON)

const failOf = async (code: string) => {
  const guest = await startPython(code)
  const { fail } = await guest.call()
  await guest.stop()
  assert.ok(fail !== null)
  return fail
}

test('a traceback has the lines of the author, and those alone', async () => {
  const fail = await failOf(
    'def inner(word):\n    raise TypeError("broken: " + word)\n\ndef handler(event, context):\n    return inner("it had to")\n',
  )
  assert.equal([fail.kind, fail.name, fail.message], ['threw', 'TypeError', 'broken: it had to'])
  const lines = fail.stack.split('\n').filter((line) => !/^[ ^~]+$/.test(line))
  assert.equal(lines, [
    'Traceback (most recent call last):',
    '  File "main.py", line 5, in handler',
    '    return inner("it had to")',
    '  File "main.py", line 2, in inner',
    '    raise TypeError("broken: " + word)',
    'TypeError: broken: it had to',
  ])
})

test('a chain of errors is told from its cause on', async () => {
  const { stack } = await failOf(
    'def handler(event):\n    try:\n        {}["gone"]\n    except KeyError as error:\n        raise ValueError("no luck") from error\n',
  )
  assert.match(
    stack,
    /^Traceback[\s\S]*KeyError: 'gone'\n\nThe above exception was the direct cause[\s\S]*ValueError: no luck$/,
  )
  assert.not.match(stack, /faas_runner/)
})

test('an error after an await has no frames of the event loop', async () => {
  for (const code of [
    'import asyncio\nasync def later():\n    await asyncio.sleep(0)\n    raise OSError("late")\nasync def handler(event):\n    await later()\n',
    // A synchronous function that gives an awaitable.
    'import asyncio\nasync def later():\n    await asyncio.sleep(0)\n    raise OSError("late")\ndef handler(event):\n    return later()\n',
  ]) {
    const { stack } = await failOf(code)
    assert.match(stack, /File "main\.py", line 4, in later/)
    assert.not.match(stack, /asyncio\/|faas_runner/)
  }
})

test('an error of a library keeps its frames', async () => {
  const { stack } = await failOf('import json\ndef handler(event):\n    json.loads("{")\n')
  assert.match(stack, /File "main\.py", line 3, in handler[\s\S]*json\/decoder\.py[\s\S]*JSONDecodeError/)
})

test('whatever is raised, and however', async () => {
  for (const [code, name, message] of [
    ['import sys\ndef handler(e): sys.exit(4)', 'SystemExit', 'the code asked to exit with 4'],
    ['def handler(e): raise KeyboardInterrupt', 'KeyboardInterrupt', ''],
    ['async def handler(e): raise SystemExit', 'SystemExit', 'the code asked to exit with no status'],
    ['import asyncio\nasync def handler(e): raise asyncio.CancelledError("c")', 'CancelledError', 'c'],
    ['class Own(Exception): pass\ndef handler(e): raise Own("mine", 1)', 'Own', "('mine', 1)"],
    [
      'class Mute(Exception):\n  def __str__(self): raise ValueError\ndef handler(e): raise Mute()',
      'Mute',
      '',
    ],
    ['def handler(e): return handler(e)', 'RecursionError', 'maximum recursion depth exceeded'],
    ['def handler(e): raise ValueError("\\ud800")', 'ValueError', '\ud800'],
  ] as const) {
    const fail = await failOf(code)
    assert.equal([fail.kind, fail.name, fail.message], ['threw', name, message], code)
    assert.match(fail.stack, /File "main\.py"/, code)
    assert.ok(fail.stack.length <= 65_536)
  }
})

test('after each the same worker takes the next call', () =>
  withPython(
    'import os\ndef handler(event):\n  if event["body"] == "throw": raise SystemExit\n  return os.getpid()',
    async (guest) => {
      const before = await guest.json({}, 'x')
      assert.ok((await guest.call({}, 'throw')).fail)
      assert.is(await guest.json({}, 'x'), before)
    },
  ))

const BROKEN: readonly (readonly [name: string, code: string, error: string, stack: RegExp])[] = [
  [
    'raises',
    'x = 1\nraise RuntimeError("at load")',
    'RuntimeError',
    /^Traceback[\s\S]*File "main\.py", line 2, in <module>\n {4}raise RuntimeError\("at load"\)\nRuntimeError: at load$/,
  ],
  [
    'does not parse',
    'def handler(event:\n  pass',
    'SyntaxError',
    /^ {2}File "main\.py", line 1\n {4}def handler\(event:\n[\s\S]*SyntaxError: /,
  ],
  [
    'imports what is not there',
    'import no_such_module_anywhere',
    'ModuleNotFoundError',
    /File "main\.py", line 1/,
  ],
  ['exits', 'import sys\nsys.exit("enough")', 'SystemExit', /File "main\.py", line 2/],
  ['is no text', 'x = "\u0000"', 'SyntaxError', /null bytes/],
]

for (const [name, code, error, stack] of BROKEN)
  test(`a module that ${name} cannot be started`, async () => {
    const guest = await startPython(code)
    assert.is(guest.startFailed?.kind, 'threw')
    assert.is(guest.startFailed?.name, error)
    assert.match(guest.startFailed?.stack ?? '', stack)
    assert.not.match(guest.startFailed?.stack ?? '', /faas_runner/)
    assert.is(await guest.stop(), 0)
  })

test('a module that ends its process cannot be started', async () => {
  for (const [code, message] of [
    [
      'import os\nprint("last words", flush=True)\nos._exit(7)',
      /the process that loads its module exited with status 7$/,
    ],
    [
      'import os\nos.kill(os.getpid(), 9)',
      /the process that loads its module was ended by signal SIGKILL \(Killed\)$/,
    ],
  ] as const) {
    const guest = await startPython(code)
    assert.match(guest.startFailed?.message ?? '', message)
    await guest.stop()
  }
})

suiteOf.run()
