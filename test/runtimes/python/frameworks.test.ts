// @node
// @slow
// @timeout 300
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE } from '../../../src/runtime/wire.ts'
import { needing } from '../../support/skip.ts'
import { PYTHON, withPython } from './python-guest.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'faas-frameworks-'))
const suiteOf = suite('Flask and FastAPI themselves')
const test = needing(suiteOf, { name: 'pip', missing: PYTHON.missing ?? install() })
suiteOf.after(() => rmSync(folder, { recursive: true, force: true }))

function install(): string | null {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder]
  const { status, stderr } = spawnSync('python3', [...args, 'flask', 'fastapi'], {
    encoding: 'utf8',
    timeout: 200_000,
  })
  return status === 0 ? null : `pip cannot install: ${stderr.trim().split('\n').at(-1)}`
}

/** As an image has it, but in a folder of this test. */
const withLibrary = (code: string) => `import sys\nsys.path.insert(0, ${JSON.stringify(folder)})\n${code}`
const at = (rest: string, method = 'GET') => ({
  method,
  url: `http://example.com/api/shop${rest}`,
  path: 'shop/*',
  headers: [
    ['host', 'example.com'],
    ['content-type', 'application/json'],
  ] as [string, string][],
})

test('Flask', () =>
  withPython(
    withLibrary(`
from flask import Flask, Response, jsonify, redirect, request, url_for
app = Flask(__name__)
@app.get("/")
def root():
    return "root"
@app.route("/items/<int:number>", methods=["GET", "POST"])
def item(number):
    return jsonify(number=number, q=request.args.get("q"), body=request.get_json(silent=True), url=url_for("item", number=1))
@app.post("/upload")
def upload():
    return str(len(request.stream.read()))
@app.get("/stream")
def stream():
    return Response((f"{n}," for n in range(3)), mimetype="text/csv")
@app.get("/away")
def away():
    return redirect(url_for("root"))
@app.get("/broken")
def broken():
    app.logger.info("about to break")
    raise ValueError("in a view")
`),
    async (guest) => {
      assert.is(guest.startFailed, null, JSON.stringify(guest.startFailed))
      assert.is((await guest.call(at(''))).body.toString(), 'root')
      assert.is((await guest.call(at('/'))).body.toString(), 'root')
      assert.equal(await guest.json(at('/items/7?q=x', 'POST'), '{"a":1}'), {
        number: 7,
        q: 'x',
        body: { a: 1 },
        url: '/api/shop/items/1',
      })
      const upload = guest.open({ ...at('/upload', 'POST'), whole: false })
      upload.send(TYPE.DATA, '', 'x'.repeat(50_000))
      upload.send(TYPE.DATA, '', 'x'.repeat(50_000))
      upload.send(TYPE.END)
      assert.is((await upload.over).body.toString(), '100000')
      const stream = await guest.call(at('/stream'))
      assert.equal([stream.body.toString(), stream.answer?.whole], ['0,1,2,', false])
      const away = await guest.call(at('/away'))
      assert.is(away.answer?.status, 302)
      assert.equal(
        away.answer?.headers.find(([name]) => name === 'Location'),
        ['Location', '/api/shop/'],
      )
      assert.is((await guest.call(at('/nowhere'))).answer?.status, 404)
      assert.is((await guest.call(at('/broken'))).answer?.status, 500)
      const lines = guest.logs.map(({ m }) => m)
      assert.ok(
        lines.some((line) => line.includes('about to break')),
        lines.join('\n'),
      )
      assert.ok(lines.some((line) => line.includes('ValueError: in a view')))
    },
  ))

test('FastAPI', () =>
  withPython(
    withLibrary(`
import contextlib
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
@contextlib.asynccontextmanager
async def lifespan(app):
    print("up")
    yield {"made": "at startup"}
    print("down")
app = FastAPI(lifespan=lifespan)
class Item(BaseModel):
    name: str
    price: float = 1.5
@app.get("/")
def root():
    return "root"
@app.post("/items/{number}")
async def item(number: int, item: Item, request: Request, q: str = "none"):
    return {"number": number, "q": q, "item": item, "url": str(request.url_for("root")), "state": request.state.made}
@app.get("/stream")
async def stream():
    async def pieces():
        for n in range(3):
            yield f"{n},"
    return StreamingResponse(pieces(), media_type="text/csv")
@app.get("/later")
def later(tasks: BackgroundTasks):
    tasks.add_task(print, "afterwards")
    return "now"
@app.get("/broken")
async def broken():
    raise ValueError("in a route")
`),
    async (guest) => {
      assert.is(guest.startFailed, null, JSON.stringify(guest.startFailed))
      assert.is(guest.logs[0]?.m, 'up')
      assert.is(await guest.json(at('')), 'root')
      assert.equal(await guest.json(at('/items/7?q=x', 'POST'), '{"name":"n"}'), {
        number: 7,
        q: 'x',
        item: { name: 'n', price: 1.5 },
        url: 'http://example.com/api/shop/',
        state: 'at startup',
      })
      assert.is((await guest.call(at('/items/seven', 'POST'), '{}')).answer?.status, 422)
      assert.is((await guest.call(at('/stream'))).body.toString(), '0,1,2,')
      const later = await guest.call(at('/later'))
      assert.equal([later.body.toString(), later.done], ['"now"', true])
      assert.ok(guest.logs.some(({ m }) => m === 'afterwards'))
      const broken = await guest.call(at('/broken'))
      assert.is(broken.answer?.status, 500)
      assert.ok(guest.logs.some(({ m }) => m.includes('ValueError: in a route')))
    },
  ))

suiteOf.run()
