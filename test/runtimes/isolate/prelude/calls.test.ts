// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnswerHead, type CallHead, TYPE } from '../../../../src/runtime/wire.ts'
import { SKIP, skipSuite } from './evaluate.ts'
import { callHead, META, sandbox } from './harness.ts'

const COPY = { arguments: { copy: true } } as const

for (const mode of ['snapshot', 'compiled'] as const) {
  const test = suite(`calls into an isolate, ${mode}`)
  if (SKIP !== null) {
    skipSuite(test, SKIP)
    test.run()
    continue
  }

  test('a batch of hellos is a batch of answers', async () => {
    for (const handler of [
      '() => new Response("hello")',
      'async () => { await null; return new Response("hello") }',
    ]) {
      await using box = await sandbox(`export default ${handler}`, mode)
      const flat = Array.from({ length: 32 }, (_, call) => [TYPE.CALL, call * 2, callHead(), null]).flat()
      let batches = 0
      box.onBatch = () => batches++
      await box.entry.receive.apply(undefined, [flat, false], COPY)
      await box.until(() => box.messages.length === 32)
      assert.is(batches, 1)
      for (const [call, { type, id, head, data }] of box.messages.entries()) {
        assert.equal([type, id, data], [TYPE.ANSWER, call * 2, 'hello'])
        assert.equal(JSON.parse(head), {
          status: 200,
          headers: [['content-type', 'text/plain;charset=UTF-8']],
          whole: true,
        } satisfies AnswerHead)
      }
    }
  })

  test('the request is what was sent', async () => {
    await using box = await sandbox(
      `export default { async fetch(request, env, ctx) {
        return Response.json([request.method, request.url, [...request.headers], await request.text(), env, typeof ctx.waitUntil, request.signal.aborted])
      } }`,
      mode,
    )
    const { text } = await box.call({
      method: 'POST',
      url: 'http://h/p?q',
      headers: [
        ['b', '1'],
        ['a', '2'],
      ],
      body: 'héllo',
    })
    assert.equal(JSON.parse(text), [
      'POST',
      'http://h/p?q',
      [
        ['a', '2'],
        ['b', '1'],
      ],
      'héllo',
      META.env,
      'function',
      false,
    ])
  })

  test('event handlers', async () => {
    await using box = await sandbox(
      'exports_ = 0; export const handler = async (event, context) => ({ statusCode: 201, body: [event.body, event.queryStringParameters, context.requestId] }); var exports_',
      mode,
    )
    const { head, text } = await box.call({
      method: 'POST',
      url: 'http://h/?a=%C3%A9',
      headers: [['content-type', 'application/json']],
      body: '{"n":1}',
    })
    assert.is(head.status, 201)
    assert.equal(JSON.parse(text), [{ n: 1 }, { a: 'é' }, 'r-1'])
  })

  test('bodies stream in and out', async () => {
    await using box = await sandbox(
      'export default (request) => new Response(request.body.pipeThrough(new TransformStream({ transform(c, k) { k.enqueue(c.map((b) => b + 1)) } })))',
      mode,
    )
    await box.send(TYPE.CALL, 2, callHead({ method: 'POST', whole: false }))
    const { head } = await box.until(({ type }) => type === TYPE.ANSWER)
    assert.is(JSON.parse(head).whole, false)
    await box.send(TYPE.DATA, 2, '', new Uint8Array([1, 2]))
    const first = await box.until(({ type }) => type === TYPE.DATA)
    assert.equal([...(first.data as Uint8Array)], [2, 3])
    assert.is((await box.until(({ type }) => type === TYPE.CREDIT)).head, '2')
    await box.send(TYPE.END, 2)
    await box.until(({ type }) => type === TYPE.DONE)
    assert.ok(box.messages.some(({ type }) => type === TYPE.END))
  })

  test('a large answer waits for credit and arrives whole', async () => {
    await using box = await sandbox('export default () => new Response("é".repeat(700000))', mode)
    const { text, head } = await box.call()
    assert.is(head.whole, false)
    assert.ok(text === 'é'.repeat(700_000))
  })

  test('the caller hangs up', async () => {
    await using box = await sandbox(
      'export default (request) => new Response(new ReadableStream({ start() { request.signal.addEventListener("abort", () => console.log(request.signal.reason.name)) }, cancel(r) { console.log("canceled " + r.name) } }))',
      mode,
    )
    await box.send(TYPE.CALL, 2, callHead())
    await box.until(({ type }) => type === TYPE.ANSWER)
    await box.send(TYPE.RESET, 2, 'gone')
    await box.until(({ type }) => type === TYPE.DONE)
    assert.equal(box.logs.map(({ m }) => m).sort(), ['AbortError', 'canceled AbortError'])
  })

  test('fetch goes out and comes back', async () => {
    await using box = await sandbox(
      'export default async () => { const r = await fetch("http://other/x", { method: "POST", body: new URLSearchParams({ a: "1" }) }); return Response.json([r.status, r.headers.get("x"), await r.json(), r.url]) }',
      mode,
    )
    const answer = box.call()
    const out = await box.until(({ type }) => type === TYPE.CALL)
    const head = JSON.parse(out.head) as CallHead
    assert.equal(
      [out.id, head.url, head.headers, out.data],
      [
        1,
        'http://other/x',
        [
          ['content-type', 'application/x-www-form-urlencoded;charset=UTF-8'],
          ['accept', '*/*'],
          ['accept-language', '*'],
          ['user-agent', 'faas-gateway-isolate'],
        ],
        'a=1',
      ],
    )
    await box.send(
      TYPE.ANSWER,
      1,
      JSON.stringify({ status: 203, headers: [['X', 'y']], whole: true }),
      new TextEncoder().encode('{"b":2}'),
    )
    assert.equal(JSON.parse((await answer).text), [203, 'y', { b: 2 }, 'http://other/x'])
  })

  test('an error keeps its stack in the module', async () => {
    await using box = await sandbox('\n\nexport default () => { throw new RangeError("boo") }', mode)
    const { fail } = await box.call()
    assert.equal([fail!.kind, fail!.name, fail!.message], ['threw', 'RangeError', 'boo'])
    assert.match(fail!.stack, /main\.js:3:30/)
  })

  test('timers, waitUntil and uncaught errors', async () => {
    await using box = await sandbox(
      'export default (r, e, ctx) => { ctx.waitUntil(new Promise((done) => setTimeout(() => { setTimeout(() => { console.log("later"); done() }); throw new Error("nobody") }, 1))); return new Response("now") }',
      mode,
    )
    const { head } = await box.call()
    assert.is(head.pending, true)
    await box.until(({ type }) => type === TYPE.DONE)
    assert.match(box.logs[0]!.m, /^Uncaught Error: nobody\n/)
    assert.equal([box.logs[1]!.m, box.logs[1]!.r], ['later', 'r-1'])
  })

  test('a module without a handler is refused with the shapes', async () => {
    let message = ''
    await sandbox('export const main = 1', mode).catch((error: Error) => {
      message = error.message
    })
    const fail = JSON.parse(message)
    assert.is(fail.kind, 'no_handler')
    assert.match(fail.message, /it exports main$/)
  })

  test.run()
}
