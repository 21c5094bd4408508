// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { PYTHON, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('ASGI applications')
const test = needing(suiteOf, PYTHON)

/** An application around lines that run for each http scope; `json` answers. */
const application = (...lines: string[]) => `
import asyncio, json, time
async def send_json(send, value):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
${lines.map((line) => `    ${line}`).join('\n')}
`
const SCOPE = application(
  'shown = {key: value for key, value in scope.items() if key not in ("raw_path", "query_string", "headers", "asgi", "faas.context", "state")}',
  'shown.update(raw_path=scope["raw_path"].decode(), query_string=scope["query_string"].decode())',
  'shown["headers"] = [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]]',
  'shown["context"] = scope["faas.context"].aws_request_id',
  'await send_json(send, shown)',
)

test('the scope tells where the application stands and what was asked for', () =>
  withPython(SCOPE, async (guest) => {
    assert.equal(
      await guest.json({
        url: 'https://example.com:8443/api/shop/caf%C3%A9/a%2Fb?q=%20x&r',
        path: 'shop/*',
        params: { '*': 'café/a/b' },
        headers: [
          ['Host', 'example.com:8443'],
          ['x-a', '1'],
          ['x-a', 'ü'],
        ],
      }),
      {
        type: 'http',
        http_version: '1.1',
        method: 'POST',
        scheme: 'https',
        path: '/api/shop/café/a/b',
        raw_path: '/api/shop/caf%C3%A9/a%2Fb',
        root_path: '/api/shop',
        query_string: 'q=%20x&r',
        headers: [
          ['host', 'example.com:8443'],
          ['x-a', '1'],
          ['x-a', 'ü'],
        ],
        client: ['192.0.2.7', 0],
        server: ['example.com', 8443],
        'faas.path_parameters': { '*': 'café/a/b' },
        context: 'request-1',
      },
    )
    for (const [url, path, root, whole] of [
      ['http://h/api/hello', 'hello', '/api/hello', '/api/hello/'],
      ['http://h/api/hello/', 'hello', '/api/hello', '/api/hello/'],
      ['http://h/api/users/7/posts', 'users/:id/posts', '/api/users', '/api/users/7/posts'],
      ['http://h/api/kube/hello/x', 'hello/*', '/api/kube/hello', '/api/kube/hello/x'],
      ['http://h/api/anything/at/all', '*', '/api', '/api/anything/at/all'],
    ] as const) {
      const scope = await guest.json<{ root_path: string; path: string }>({ url, path })
      assert.equal([scope.root_path, scope.path], [root, whole], url)
    }
  }))

test('an application of two calls, and one with an instance for each scope', async () => {
  const body = `    await send({"type": "http.response.start", "status": 201})\n        await send({"type": "http.response.body", "body": b"two"})`
  for (const code of [
    `def app(scope):\n    async def run(receive, send):\n    ${body}\n    return run`,
    `class app:\n    def __init__(self, scope):\n        self.scope = scope\n    async def __call__(self, receive, send):\n    ${body}`,
    `class App:\n    async def __call__(self, scope, receive, send):\n    ${body}\napp = App()`,
    `class App:\n    def __call__(self, scope, receive, send):\n        return self.run(send)\n    async def run(self, send):\n    ${body}\napp = App()`,
  ])
    await withPython(code, async (guest) => {
      assert.is(guest.startFailed, null, code)
      const { answer, body: sent } = await guest.call()
      assert.equal([answer?.status, sent.toString()], [201, 'two'], code)
    })
})

test('the lifespan runs once for a worker, around its calls, and its state is shared', () =>
  withPython(
    `
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        scope["state"]["made"] = ["at startup"]
        print((await receive())["type"])
        await send({"type": "lifespan.startup.complete"})
        print((await receive())["type"])
        open("shut-down", "w").close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    scope["state"]["made"].append("in a call")
    scope["state"]["own"] = 1
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": repr(scope["state"]).encode()})
`,
    async (guest) => {
      assert.equal(
        guest.logs.map(({ r, m }) => [r, m]),
        [[null, 'lifespan.startup']],
      )
      assert.is((await guest.call()).body.toString(), "{'made': ['at startup', 'in a call'], 'own': 1}")
      assert.match((await guest.call()).body.toString(), /'in a call', 'in a call'/)
      assert.is(guest.logs.length, 1)
    },
    { concurrency: 1 },
  ))

test('a startup that fails fails the start, with its error', async () => {
  const code = (how: string) =>
    `async def app(scope, receive, send):\n    if scope["type"] == "lifespan":\n        await receive()\n        await send({"type": "lifespan.startup.failed", "message": "no database"})\n        ${how}\n    1 / 0`
  const raised = await startPython(code('raise OSError("refused")'))
  assert.equal(
    [raised.startFailed?.kind, raised.startFailed?.name, raised.startFailed?.message],
    ['threw', 'OSError', 'refused'],
  )
  assert.match(raised.startFailed?.stack ?? '', /File "main\.py", line 5, in app/)
  await raised.stop()
  const returned = await startPython(code('return'))
  assert.is(returned.startFailed?.message, 'no database')
  await returned.stop()
})

test('a startup that fails later on fails the call that it was for, and is tried again for the next', () =>
  withPython(
    `
import os, time
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        if os.path.exists("refuses"):
            await send({"type": "lifespan.startup.failed", "message": "refused"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await receive()
    if scope["method"] == "PUT":
        os._exit(1)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"up"})
`,
    async (guest) => {
      guest.place('refuses')
      await guest.call({ method: 'PUT' })
      for (let n = 0; n < 2; n++) assert.is((await guest.call()).fail?.message, 'refused')
      guest.take('refuses')
      await until(async () => (await guest.call()).body.toString() === 'up', 'the application is up')
    },
    { concurrency: 1 },
  ))

test('the request streams in, and the answer streams out, with the reader’s pace', () =>
  withPython(
    application(
      'await send({"type": "http.response.start", "status": 200})',
      'while True:',
      '    message = await receive()',
      '    await send({"type": "http.response.body", "body": message["body"].upper(), "more_body": message["more_body"]})',
      '    if not message["more_body"]: return',
    ),
    async (guest) => {
      const call = guest.open({ whole: false })
      call.send(TYPE.DATA, '', 'one ')
      await until(() => call.reply.body.toString() === 'ONE ', 'the first piece came back')
      call.send(TYPE.DATA, '', 'two')
      call.send(TYPE.END)
      assert.is((await call.over).body.toString(), 'ONE TWO')
    },
  ))

test('a reader that stands still holds the application back; when it goes, the application hears of it', () =>
  withPython(
    application(
      'await send({"type": "http.response.start", "status": 200})',
      'async def listen():',
      '    while (await receive())["type"] != "http.disconnect": pass',
      '    print("disconnected")',
      'listener = asyncio.ensure_future(listen())',
      'while not listener.done():',
      '    await send({"type": "http.response.body", "body": b"x" * 5000, "more_body": True})',
    ),
    async (guest) => {
      const call = guest.open()
      await until(() => call.reply.body.length === WINDOW, 'the window is full')
      call.send(TYPE.RESET, 'gone')
      assert.is((await call.over).done, true)
      assert.is(call.reply.body.length, WINDOW)
      assert.ok(guest.logs.some(({ m }) => m === 'disconnected'))
    },
    { credit: false },
  ))

test('a wait for the caller to go ends when it goes, and when the answer is complete', () =>
  withPython(
    application(
      'if scope["method"] == "GET":',
      '    await send_json(send, 1)',
      'types = []',
      'while not types or types[-1] != "http.disconnect": types.append((await receive())["type"])',
      'print(types)',
    ),
    async (guest) => {
      await guest.call({ method: 'GET' })
      const call = guest.open()
      call.send(TYPE.RESET, 'gone')
      await call.over
      const expected = "['http.request', 'http.disconnect']"
      assert.is(guest.logs.at(0)?.m, "['http.disconnect']", 'after the answer nothing of the request comes')
      assert.ok([expected, "['http.disconnect']"].includes(guest.logs.at(1)?.m ?? ''))
    },
  ))

test('what goes on after the answer is waited for, and costs the caller nothing', () =>
  withPython(
    application(
      'await send_json(send, "answered")',
      'while not __import__("os").path.exists("released"): await asyncio.sleep(0.002)',
      'print("after")',
      'if scope["method"] == "PUT": raise ValueError("too late")',
    ),
    async (guest) => {
      const call = guest.open({ method: 'PUT' })
      await until(() => call.reply.answer !== null, 'the answer is here')
      assert.equal(call.reply.answer, {
        status: 200,
        headers: [['Content-Type', 'application/json']],
        whole: true,
        pending: true,
      })
      assert.is(call.reply.done, false)
      guest.place('released')
      await call.over
      assert.ok(guest.logs.some(({ m }) => m === 'after'))
      assert.ok(guest.logs.some(({ m }) => m.startsWith('What goes on after the answer failed: Traceback')))
    },
  ))

test('HEAD and answers without a body send none', () =>
  withPython(
    application(
      'status = 204 if scope["method"] == "DELETE" else 200',
      'await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"3")]})',
      'await send({"type": "http.response.body", "body": b"ab", "more_body": True})',
      'await send({"type": "http.response.body", "body": b"c"})',
    ),
    async (guest) => {
      for (const method of ['HEAD', 'DELETE']) {
        const { answer, body, done } = await guest.call({ method })
        assert.equal(
          [answer?.whole, answer?.headers, body.length, done],
          [true, [['content-length', '3']], 0, true],
        )
      }
      assert.is((await guest.call()).body.toString(), 'abc')
    },
  ))

const BROKEN: readonly (readonly [name: string, lines: string[], kind: string, message: RegExp])[] = [
  ['raises', ['raise ValueError("broken")'], 'threw', /^broken$/],
  ['returns without an answer', ['pass'], 'threw', /^The application returned but sent no answer$/],
  [
    'returns before the body',
    ['await send({"type": "http.response.start", "status": 200})'],
    'threw',
    /did not complete its answer$/,
  ],
  [
    'sends a body first',
    ['await send({"type": "http.response.body"})'],
    'threw',
    /^Cannot send "http\.response\.body": it is not what follows in an answer$/,
  ],
  [
    'has a status that ends nothing',
    ['await send({"type": "http.response.start", "status": 101})'],
    'unsendable',
    /its status is 101/,
  ],
  [
    'has a header that cannot be',
    ['await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b\\r\\nc: d")]})'],
    'unsendable',
    /"a" has characters/,
  ],
]

for (const [name, lines, kind, message] of BROKEN)
  test(`an application that ${name} fails its call`, () =>
    withPython(application(...lines), async (guest) => {
      const { fail } = await guest.call()
      assert.is(fail?.kind, kind)
      assert.match(fail?.message ?? '', message)
    }))

test('an application that raises in the middle of its answer breaks it', () =>
  withPython(
    application(
      'await send({"type": "http.response.start", "status": 200})',
      'await send({"type": "http.response.body", "body": b"half", "more_body": True})',
      'raise ValueError("the other half")',
    ),
    async (guest) => {
      const reply = await guest.call()
      assert.equal([reply.body.toString(), reply.resets, reply.done], ['half', ['the other half'], true])
    },
  ))

test('what a call leaves on the loop goes on between calls', () =>
  withPython(
    application(
      'global later',
      'async def tick():',
      '    await asyncio.sleep(0.03)',
      '    print("ticked")',
      'later = asyncio.ensure_future(tick())',
      'await send_json(send, 1)',
    ),
    async (guest) => {
      await guest.call()
      await until(() => guest.logs.some(({ m, r }) => m === 'ticked' && r === null), 'it went on')
    },
  ))

suiteOf.run()
