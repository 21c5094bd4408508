import * as assert from 'uvu/assert'
import { until } from '../../../support/runtime-harness.ts'
import { problemOf, THREW, UNSENDABLE } from '../../problems.ts'
import { jsonOf, openBody, type PythonCode, type Register, type Subject } from '../../subject.ts'

/** An application that answers by the query of the request. */
const APP = `
import json, os, sys, time
RELEASE = "/tmp/release"
class Pieces:
    def __init__(self, pieces):
        self.pieces = iter(pieces)
    def __iter__(self):
        return self.pieces
    def close(self):
        print("closed")
def app(environ, start_response):
    query = environ["QUERY_STRING"]
    if query == "raise":
        raise LookupError("in the application")
    if query == "silent":
        return [b"without a start"]
    if query == "bad":
        start_response("200 OK", [("a", "split\\r\\nb: c")])
        return [b"x"]
    if query == "write":
        write = start_response("200 OK", [("content-type", "text/plain")])
        write(b"written, ")
        return [b"returned"]
    if query == "replaced":
        start_response("200 OK", [])
        try:
            raise ValueError("too late")
        except ValueError:
            start_response("500 Sorry", [("x-why", "replaced")], sys.exc_info())
        return [b"sorry"]
    if query == "release":
        open(RELEASE, "w").close()
        start_response("204 No Content", [])
        return []
    if query == "stream":
        def pieces():
            yield b"first"
            while not os.path.exists(RELEASE):
                time.sleep(0.005)
            yield b"second"
        start_response("200 OK", [])
        return Pieces(pieces())
    body = environ["wsgi.input"].read()
    start_response("202 Accepted", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [json.dumps({
        "method": environ["REQUEST_METHOD"],
        "script": environ["SCRIPT_NAME"],
        "path": environ["PATH_INFO"],
        "query": query,
        "header": environ["HTTP_X_SENT"],
        "type": environ["CONTENT_TYPE"],
        "body": body.decode(),
        "address": environ["REMOTE_ADDR"],
        "parameters": environ["faas.path_parameters"],
        "scheme": environ["wsgi.url_scheme"],
    }).encode()]
`

/** Applications that speak WSGI. */
export function wsgiCases(test: Register, { deploy }: Subject<PythonCode>): void {
  test('WSGI: the environment, the body and the answer', async () => {
    const subject = await deploy({ python: APP }, { path: ':room/*' })
    const headers = { 'x-sent': 'yes', 'content-type': 'text/x' }
    const answer = await subject.call({ method: 'POST', headers, body: 'brought' }, '/a/b/c?q=%20')
    assert.is(answer.status, 202)
    assert.equal(answer.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(await jsonOf(answer), {
      method: 'POST',
      script: `/api/${subject.base}`,
      path: '/a/b/c',
      query: 'q=%20',
      header: 'yes',
      type: 'text/x',
      body: 'brought',
      address: '127.0.0.1',
      parameters: { room: 'a', '*': 'b/c' },
      scheme: 'http',
    })
  })

  test('WSGI: what it raises, leaves out, replaces or gets wrong', async () => {
    const subject = await deploy({ python: APP })
    const raised = await problemOf(await subject.call({}, '?raise'), THREW)
    assert.equal([raised.error?.name, raised.error?.message], ['LookupError', 'in the application'])
    assert.match((await problemOf(await subject.call({}, '?silent'), THREW)).detail, 'start_response')
    await problemOf(await subject.call({}, '?bad'), UNSENDABLE)
    const replaced = await subject.call({}, '?replaced')
    assert.equal([replaced.status, replaced.headers.get('x-why')], [500, 'replaced'])
    assert.is(await replaced.text(), 'sorry')
    assert.is(await (await subject.call({}, '?write')).text(), 'written, returned')
  })

  test('WSGI: an iterable arrives piece by piece and is closed', async () => {
    const subject = await deploy({ python: APP }, { limits: { max_instances: 1 } })
    const answer = await subject.call({}, '?stream')
    const reader = answer.body!.getReader()
    const read = async () => new TextDecoder().decode((await reader.read()).value)
    assert.is(await read(), 'first')
    assert.is((await subject.call({}, '?release')).status, 204)
    assert.is(await read(), 'second')
    assert.is((await reader.read()).done, true)
    // It prints that when the answer has been sent.
    const lines = () => subject.list<{ message: string }[]>('logs')
    await until(
      async () => (await lines()).some(({ message }) => message === 'closed'),
      'it was closed',
      10_000,
    )
  })

  test('WSGI: the input is read as it comes', async () => {
    const python = `
def app(environ, start_response):
    write = start_response("200 OK", [])
    stream = environ["wsgi.input"]
    while piece := stream.read1(65536):
        write(piece)
    return []`
    const subject = await deploy({ python })
    const open = openBody('early')
    const reader = (await subject.call(open.init)).body!.getReader()
    const read = async () => new TextDecoder().decode((await reader.read()).value)
    assert.is(await read(), 'early')
    open.send(' and late')
    assert.is(await read(), ' and late')
    open.end()
    assert.is((await reader.read()).done, true)
  })
}
