// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { PYTHON, withPython } from './python-guest.ts'

const suiteOf = suite('WSGI applications')
const test = needing(suiteOf, PYTHON)

test('the environ is whole, and valid to the standard library’s validator', () =>
  withPython(
    `
import json
from wsgiref.validate import validator
def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    shown = {key: value for key, value in environ.items() if isinstance(value, (str, bool, tuple))}
    return [json.dumps(shown).encode()]
app = validator(plain)
`,
    async (guest) => {
      const environ = await guest.json<Record<string, unknown>>(
        {
          url: 'https://example.com:8443/api/shop/caf%C3%A9?q=%20x',
          path: 'shop/*',
          headers: [
            ['Host', 'example.com:8443'],
            ['Content-Type', 'text/plain'],
            ['Content-Length', '2'],
            ['X-Many', '1'],
            ['x-many', '2'],
            ['Cookie', 'a=1'],
            ['cookie', 'b=2'],
            ['X_Many', 'forged'],
          ],
        },
        'hi',
      )
      const expected = {
        REQUEST_METHOD: 'POST',
        SCRIPT_NAME: '/api/shop',
        PATH_INFO: '/caf\u00c3\u00a9',
        REQUEST_URI: '/api/shop/caf%C3%A9?q=%20x',
        QUERY_STRING: 'q=%20x',
        SERVER_NAME: 'example.com',
        SERVER_PORT: '8443',
        SERVER_PROTOCOL: 'HTTP/1.1',
        REMOTE_ADDR: '192.0.2.7',
        CONTENT_TYPE: 'text/plain',
        CONTENT_LENGTH: '2',
        HTTP_HOST: 'example.com:8443',
        HTTP_X_MANY: '1,2',
        HTTP_COOKIE: 'a=1; b=2',
        'wsgi.url_scheme': 'https',
        'wsgi.version': [1, 0],
        'wsgi.multithread': false,
        'wsgi.multiprocess': true,
        'wsgi.run_once': false,
        'wsgi.input_terminated': true,
      }
      assert.equal(environ, expected)
    },
  ))

test('the input is read as it comes', () =>
  withPython(
    `
def app(environ, start_response):
    body = environ["wsgi.input"]
    start_response("200 OK", [])
    yield b"[" + body.readline() + b"]"
    yield b"[" + body.read(3) + b"]"
    for line in body:
        yield b"[" + line + b"]"
    yield b"[" + body.read() + b"]"
`,
    async (guest) => {
      const call = guest.open({ whole: false })
      call.send(TYPE.DATA, '', 'first\nse')
      await until(() => call.reply.body.toString() === '[first\n]', 'a line came back')
      call.send(TYPE.DATA, '', 'cond\nthird\nend')
      call.send(TYPE.END)
      assert.is((await call.over).body.toString(), '[first\n][sec][ond\n][third\n][end][]')
      assert.is((await guest.call({}, 'a\nbcd')).body.toString(), '[a\n][bcd][]')
    },
  ))

test('the body goes piece by piece, with the reader’s pace; close is called', () =>
  withPython(
    `
class Body:
    def __iter__(self):
        while True:
            yield b"x" * 5000
    def close(self):
        print("closed")
def app(environ, start_response):
    start_response("200 OK", [])
    return Body()
`,
    async (guest) => {
      const call = guest.open()
      await until(() => call.reply.body.length === WINDOW, 'the window is full')
      call.send(TYPE.RESET, 'gone')
      assert.is((await call.over).done, true)
      assert.equal(
        guest.logs.map(({ m }) => m),
        ['closed'],
      )
    },
    { credit: false },
  ))

test('write, one piece, several, none', () =>
  withPython(
    `
def app(environ, start_response):
    how = environ["QUERY_STRING"]
    if how == "lazy":
        return lazy(start_response)
    write = start_response("202 Accepted", [("x-how", how)])
    if how == "write":
        write(b"written ")
        write(b"")
        return [b"and returned"]
    return {"one": [b"one"], "several": [b"o", b"", b"ne"], "none": [], "large": [b"x" * 2_000_000]}[how]
def lazy(start_response):
    start_response("203 Lazy", [])
    yield b"la"
    yield b"zy"
`,
    async (guest) => {
      const ask = (how: string, method = 'GET') => guest.call({ method, url: `http://h/api/x?${how}` })
      for (const [how, status, body, whole] of [
        ['write', 202, 'written and returned', false],
        ['one', 202, 'one', true],
        ['several', 202, 'one', false],
        ['none', 202, '', true],
        ['lazy', 203, 'lazy', false],
      ] as const) {
        const reply = await ask(how)
        assert.equal(
          [reply.answer?.status, reply.body.toString(), reply.answer?.whole, reply.done],
          [status, body, whole, true],
          how,
        )
      }
      const large = await ask('large')
      assert.equal(
        [large.body.length, large.answer?.headers.at(-1)],
        [2_000_000, ['content-length', '2000000']],
      )
      const head = await ask('one', 'HEAD')
      assert.equal([head.body.length, head.answer?.headers.at(-1)], [0, ['content-length', '3']])
    },
  ))

test('start_response may come again with exc_info until the answer has begun', () =>
  withPython(
    `
import sys
def app(environ, start_response):
    start_response("200 OK", [("x-first", "1")])
    if environ["QUERY_STRING"] == "late":
        yield b"half"
    try:
        raise ValueError("in the middle")
    except ValueError:
        start_response("503 Sorry", [("x-second", "1")], sys.exc_info())
    yield b"sorry"
`,
    async (guest) => {
      const early = await guest.call()
      assert.equal(
        [early.answer?.status, early.answer?.headers, early.body.toString()],
        [503, [['x-second', '1']], 'sorry'],
      )
      const late = await guest.call({ url: 'http://h/api/x?late' })
      assert.equal([late.answer?.status, late.body.toString(), late.resets], [200, 'half', ['in the middle']])
      assert.ok(guest.logs.some(({ m }) => m.startsWith('The body of the answer failed: Traceback')))
    },
  ))

const BROKEN: readonly (readonly [name: string, line: string, kind: string, message: RegExp])[] = [
  ['raises', 'raise KeyError("k")', 'threw', /^'k'$/],
  ['never starts', 'return [b"x"]', 'threw', /^The application sent a body before it called start_response$/],
  ['returns nothing', 'start_response("200 OK", [])', 'threw', /not iterable/],
  [
    'starts twice',
    'start_response("200 OK", []); start_response("200 OK", []); return []',
    'threw',
    /called again without exc_info$/,
  ],
  [
    'has a status that ends nothing',
    'start_response("100 Continue", []); return []',
    'unsendable',
    /its status is 100/,
  ],
  [
    'has a header that cannot be',
    'start_response("200 OK", [("a", "b\\r\\nc: d")]); return []',
    'unsendable',
    /"a" has characters/,
  ],
  ['exits', 'raise SystemExit(1)', 'threw', /^the code asked to exit with 1$/],
]

for (const [name, line, kind, message] of BROKEN)
  test(`an application that ${name} fails its call`, () =>
    withPython(`def app(environ, start_response):\n    ${line}`, async (guest) => {
      const { fail } = await guest.call()
      assert.is(fail?.kind, kind, JSON.stringify(fail))
      assert.match(fail?.message ?? '', message)
      assert.match(fail?.stack ?? '', /File "main\.py"|sent a body|Unsendable|not iterable/)
    }))

suiteOf.run()
