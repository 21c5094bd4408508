import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HELLO, type HttpApp, httpApp } from '../support/http-app.ts'

const test = suite<{ app: HttpApp }>('hostile bodies')
test.before.each(async (context) => {
  context.app = await httpApp({ maxBodyBytes: 10_000, bodyTimeoutMs: 100 })
  await context.app.ask('POST', '/callbacks', { ...HELLO, path: 'first' })
  await context.app.ask('POST', '/chatroom', { title: 'first' })
})
test.after.each(({ app }) => app.close())

const ENDPOINTS = [
  ['POST', '/chatroom'],
  ['PUT', '/chatroom/1'],
  ['POST', '/chatroom/1/chats'],
  ['POST', '/callbacks'],
  ['PUT', '/callbacks/1003'],
  ['POST', '/deploy'],
  ['POST', '/callback/deploy'],
] as const

const HOSTILE: [string, string | Uint8Array, number, string][] = [
  ['nothing', '', 400, 'malformed_json'],
  ['white space', '  \n', 400, 'malformed_json'],
  ['half an object', '{"title": "x"', 400, 'malformed_json'],
  ['a trailing comma', '{"title": "x",}', 400, 'malformed_json'],
  ['a comment', '{"title": "x" /* hi */}', 400, 'malformed_json'],
  ['two values', '{} {}', 400, 'malformed_json'],
  ['not a number', '{"title": NaN}', 400, 'malformed_json'],
  ['a form', 'title=x', 400, 'malformed_json'],
  ['bad UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 400, 'malformed_json'],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 400, 'malformed_json'],
  ['NUL bytes', new Uint8Array(20), 400, 'malformed_json'],
  ['deep nesting', '['.repeat(5000), 400, 'malformed_json'],
  ['null', 'null', 422, 'invalid'],
  ['a list', '[]', 422, 'invalid'],
  ['a list of one', '[{}]', 422, 'invalid'],
  ['text', '"x"', 422, 'invalid'],
  ['a number', '1e999', 422, 'invalid'],
  ['a field twice', '{"title": "x", "title": "y"}', 422, 'invalid'],
  ['an unknown field', '{"nope": 1}', 422, 'invalid'],
  ['__proto__', '{"__proto__": {"title": "x"}}', 422, 'invalid'],
  ['constructor', '{"constructor": 1}', 422, 'invalid'],
  ['toString', '{"toString": 1}', 422, 'invalid'],
  ['too many bytes', JSON.stringify({ title: 'x'.repeat(10_000) }), 413, 'body_too_large'],
]

test('every endpoint that takes JSON refuses what is none, or is not its own', async ({ app }) => {
  for (const [method, path] of ENDPOINTS) {
    for (const [what, body, status, code] of HOSTILE) {
      const request = new Request(`http://127.0.0.1:8000${path}`, { method, body: body as BodyInit })
      const response = await app.fetch(request, {})
      const problem = (await response.json()) as { code: string; request_id: string }
      assert.is(response.status, status, `${method} ${path}: ${what}: ${JSON.stringify(problem)}`)
      assert.is(problem.code, code)
      assert.is(response.headers.get('content-type'), 'application/problem+json')
    }
  }
  assert.is((await app.ask('GET', '/callbacks')).body.length, 1)
  assert.is((await app.ask('GET', '/chatroom')).body.length, 1)
})

test('JSON is read whatever its content type says, with a byte order mark too', async ({ app }) => {
  for (const type of [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'nonsense',
    '',
  ]) {
    const answer = await app.ask('POST', '/chatroom', '\ufeff{"title": "x"}', { 'content-type': type })
    assert.is(answer.status, 200, type)
  }
})

function streamed(
  chunks: readonly string[],
  end: 'close' | 'hang' | 'fail',
): { body: ReadableStream; wasCancelled: () => boolean } {
  let cancelled = false
  let next = 0
  const body = new ReadableStream({
    async pull(controller) {
      if (next < chunks.length) return controller.enqueue(new TextEncoder().encode(chunks[next++]))
      if (end === 'hang') return new Promise(() => {})
      if (end === 'fail') return controller.error(new Error('connection reset'))
      controller.close()
    },
    cancel() {
      cancelled = true
    },
  })
  return { body, wasCancelled: () => cancelled }
}

async function send(
  app: HttpApp,
  body: ReadableStream,
): Promise<{ status: number; problem: Record<string, unknown> }> {
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit
  const response = await app.fetch(new Request('http://127.0.0.1:8000/chatroom', init), {})
  return { status: response.status, problem: (await response.json()) as Record<string, unknown> }
}

test('a body without a declared length is counted as it comes', async ({ app }) => {
  const fine = await send(app, streamed(['{"title"', ': "in ', 'parts"}'], 'close').body)
  assert.is(fine.status, 200)
  const endless = streamed(
    Array.from({ length: 1000 }, () => ' '.repeat(1000)),
    'hang',
  )
  const { status, problem } = await send(app, endless.body)
  assert.is(status, 413)
  assert.is(problem.max_bytes, 10_000)
  assert.ok(endless.wasCancelled())
})

test('a declared length over the limit is refused without reading', async ({ app }) => {
  const { body } = streamed([], 'hang')
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-length': '10001' } } as RequestInit
  const response = await app.fetch(new Request('http://127.0.0.1:8000/chatroom', init), {})
  assert.is(response.status, 413)
})

test('a client that pauses for too long gets 408, one that hangs up leaves nothing behind', async ({
  app,
}) => {
  const slow = streamed(['{"title": '], 'hang')
  const { status, problem } = await send(app, slow.body)
  assert.is(status, 408)
  assert.is(problem.code, 'body_timeout')
  assert.ok(slow.wasCancelled())
  const gone = await send(app, streamed(['{"title": '], 'fail').body)
  assert.is(gone.status, 499)
  assert.is(gone.problem.code, 'client_closed')
})

test('text that no database keeps as it is, is refused', async ({ app }) => {
  for (const title of ['"a\\u0000b"', '"\\ud800"', '"\\udc00x"']) {
    const answer = await app.ask('POST', '/chatroom', `{"title": ${title}}`)
    assert.is(answer.status, 422, title)
    assert.is(answer.body.errors[0].path, 'title')
  }
  assert.is((await app.ask('POST', '/chatroom', '{"title": "\\ud83d\\ude00"}')).body.title, '😀')
})

test.run()
