import * as assert from 'uvu/assert'
import { openRaw } from '../../../clients/raw.ts'
import { until } from '../../../support/runtime-harness.ts'
import { problemOf, THREW, UNSENDABLE } from '../../problems.ts'
import { jsonOf, type PythonCode, type Register, type Subject } from '../../subject.ts'

const PATIENCE = 20_000
const ONE = { limits: { max_instances: 1 } }

/** An application with a lifespan that answers by the query of the request. */
const APP = `
import asyncio, json
def note(text):
    with open("/tmp/seen", "a") as file:
        file.write(text + " ")
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["started"] = "yes"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    assert scope["type"] == "http"
    query = scope["query_string"].decode()
    async def answer(body, status=200, headers=()):
        headers = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})
    if query == "raise":
        raise LookupError("in the application")
    if query == "silent":
        return
    if query == "half":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise LookupError("in the middle")
    if query == "bad":
        return await answer("x", 200, [("no name", "x")])
    if query == "after":
        await answer("answered")
        await asyncio.sleep(0.05)
        print("in the background")
        return note("background")
    if query == "seen":
        try:
            with open("/tmp/seen") as file:
                return await answer(file.read())
        except FileNotFoundError:
            return await answer("")
    if query == "wait":
        assert (await receive())["type"] == "http.request"
        note("waiting")
        return note((await receive())["type"])
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    await answer(json.dumps({
        "method": scope["method"],
        "path": scope["path"],
        "root": scope["root_path"],
        "query": query,
        "header": dict(scope["headers"])[b"x-sent"].decode(),
        "body": body.decode(),
        "client": scope["client"][0],
        "state": scope["state"]["started"],
        "parameters": scope["faas.path_parameters"],
        "request": scope["faas.context"].request_id,
    }), 201, [("content-type", "application/json"), ("set-cookie", "a=1"), ("set-cookie", "b=2")])
`

/** Applications that speak ASGI. */
export function asgiCases(test: Register, { deploy, server }: Subject<PythonCode>): void {
  test('ASGI: the scope, the body, the lifespan and the answer', async () => {
    const subject = await deploy({ python: APP }, { path: 'in/:room/*' })
    const headers = { 'x-sent': 'yes', 'x-request-id': 'asgi-1' }
    const answer = await subject.call(
      { method: 'PUT', headers, body: 'brought ü' },
      '/in/a%20b/c/d?q=1&q=%20',
    )
    assert.is(answer.status, 201)
    assert.equal(answer.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(await jsonOf(answer), {
      method: 'PUT',
      path: `/api/${subject.base}/in/a b/c/d`,
      root: `/api/${subject.base}/in`,
      query: 'q=1&q=%20',
      header: 'yes',
      body: 'brought ü',
      client: '127.0.0.1',
      state: 'yes',
      parameters: { room: 'a b', '*': 'c/d' },
      request: 'asgi-1',
    })
  })

  test('ASGI: what it raises, leaves out or gets wrong', async () => {
    const subject = await deploy({ python: APP })
    const raised = await problemOf(await subject.call({}, '?raise'), THREW)
    assert.equal([raised.error?.name, raised.error?.message], ['LookupError', 'in the application'])
    assert.match(raised.error?.stack ?? '', /File "main\.py", line \d+, in app/)
    assert.match((await problemOf(await subject.call({}, '?silent'), THREW)).detail, 'no answer')
    await problemOf(await subject.call({}, '?bad'), UNSENDABLE)
    const half = await (await subject.call({}, '?half')).text().then(
      (whole) => `whole: ${whole}`,
      () => 'broken',
    )
    assert.is(half, 'broken', 'a half answer must not look whole')
    assert.is((await subject.call({}, '?seen')).status, 200)
  })

  test('ASGI: background tasks go on after the answer, and their lines belong to the call', async () => {
    const subject = await deploy({ python: APP }, ONE)
    const answer = await subject.call({ headers: { 'x-request-id': 'after-1' } }, '?after')
    assert.is(await answer.text(), 'answered')
    const seen = async () => (await subject.call({}, '?seen')).text()
    await until(async () => (await seen()) === 'background ', 'the background task is done', PATIENCE)
    const logs = () => subject.list<{ request_id: string; message: string }[]>('logs')
    await until(async () => (await logs()).length > 0, 'its line is kept', PATIENCE)
    assert.equal(
      (await logs()).map(({ request_id, message }) => [request_id, message]),
      [['after-1', 'in the background']],
    )
  })

  test('ASGI: a caller that hangs up is http.disconnect', async () => {
    const subject = await deploy({ python: APP }, ONE)
    const seen = async () => (await subject.call({}, '?seen')).text()
    const socket = await openRaw(server.port)
    socket.write(`GET /api/${subject.path}?wait HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`)
    await until(async () => (await seen()) === 'waiting ', 'the application waits', PATIENCE)
    socket.destroy()
    await until(async () => (await seen()) === 'waiting http.disconnect ', 'it was told', PATIENCE)
  })

  test('ASGI: an application of two steps, and one whose startup fails', async () => {
    const twoSteps = `
def app(scope):
    async def run(receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"two steps"})
    return run`
    assert.is(await (await (await deploy({ python: twoSteps })).call()).text(), 'two steps')
    const fails = `
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is away"})`
    const failure = await deploy({ python: fails }).then(
      () => 'it was deployed',
      (error: Error) => error.message,
    )
    assert.match(failure, 'the database is away')
  })
}
