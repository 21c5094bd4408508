import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnswerHead, CHUNK, type FailHead, TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { guestBox, textOf, turns } from './guest-box.ts'

const test = suite('a call through the guest')

const answerOf = (box: ReturnType<typeof guestBox>, id: number) =>
  box.until((message) => message.id === id && message.type === TYPE.ANSWER)
const failOf = async (box: ReturnType<typeof guestBox>, id: number) => {
  const { head } = await box.until((message) => message.id === id && message.type === TYPE.FAIL)
  return JSON.parse(head) as FailHead & { pending?: boolean }
}
const headOf = ({ head }: { head: string }) => JSON.parse(head) as AnswerHead

test('a hello is one message in and one out', async () => {
  for (const hello of [() => new Response('hello'), async () => new Response('hello')]) {
    const box = guestBox({ default: hello })
    const answer = await answerOf(box, box.open())
    await turns()
    assert.is(box.messages.length, 1)
    assert.equal(headOf(answer), {
      status: 200,
      headers: [['content-type', 'text/plain;charset=UTF-8']],
      whole: true,
    })
    assert.is(textOf([answer]), 'hello')
  }
})

test('a synchronous event handler answers before receive returns', () => {
  const box = guestBox({ handler: (event: { path: string }) => ({ statusCode: 200, body: event.path }) })
  const id = box.open()
  assert.is(textOf(box.ofType(TYPE.ANSWER, id)), 'hello')
})

test('the request arrives whole', async () => {
  const box = guestBox({
    default: async (request: Request, env: object, ctx: object) =>
      Response.json([
        request.method,
        request.url,
        request.headers.get('x-a'),
        await request.text(),
        env,
        Object.isFrozen(env),
        Object.keys(ctx),
      ]),
  })
  const id = box.open({ method: 'POST', headers: [['x-a', 'b']], body: 'body' })
  assert.equal(JSON.parse(textOf([await answerOf(box, id)])), [
    'POST',
    'http://localhost/api/hello?x=1',
    'b',
    'body',
    { A: '1' },
    true,
    ['waitUntil', 'passThroughOnException'],
  ])
})

test('a streamed request body is credited as it is read', async () => {
  let read: (() => Promise<unknown>) | undefined
  const box = guestBox({
    default: async (request: Request) => {
      const reader = request.body!.getReader()
      read = () => reader.read()
      await new Promise(() => {})
    },
  })
  const id = box.open({ method: 'POST', whole: false })
  for (let piece = 0; piece < 3; piece++) box.guest.receive(TYPE.DATA, id, '', new Uint8Array(1000))
  await turns()
  assert.is(box.ofType(TYPE.CREDIT).length, 0)
  await read!()
  await turns()
  assert.equal(
    box.ofType(TYPE.CREDIT, id).map(({ head }) => head),
    ['1000'],
  )
})

test('a streamed body can be collected', async () => {
  const box = guestBox({ handler: async (event: { body: unknown }) => event.body })
  const id = box.open({ method: 'POST', whole: false, headers: [['content-type', 'application/json']] })
  box.guest.receive(TYPE.DATA, id, '', new TextEncoder().encode('{"a":'))
  await turns()
  box.guest.receive(TYPE.DATA, id, '', new TextEncoder().encode('1}'))
  box.guest.receive(TYPE.END, id, '', null)
  assert.is(textOf([await answerOf(box, id)]), '{"a":1}')
})

test('a body that is not wanted is reset', async () => {
  const box = guestBox({
    default: async (request: Request) => {
      await request.body!.cancel('too much')
      await new Promise(() => {})
    },
  })
  const id = box.open({ method: 'POST', whole: false })
  const reset = await box.until(({ type }) => type === TYPE.RESET)
  assert.equal([reset.id, reset.head], [id, 'too much'])
})

test('a stream that is over at once goes out whole', async () => {
  const pieces = () =>
    new ReadableStream({
      start(controller) {
        for (const byte of [104, 105]) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
  const box = guestBox({
    default: () => new Response(pieces()),
  })
  const answer = await answerOf(box, box.open())
  assert.is(headOf(answer).whole, true)
  assert.is(textOf([answer]), 'hi')
})

test('a stream that waits has its head sent first', async () => {
  let go = () => {}
  const box = guestBox({
    default: () =>
      new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode('first '))
            await new Promise<void>((resolve) => {
              go = resolve
            })
            controller.enqueue(new TextEncoder().encode('second'))
            controller.close()
          },
        }),
      ),
  })
  const id = box.open()
  assert.is(headOf(await answerOf(box, id)).whole, false)
  await box.until(({ type }) => type === TYPE.DATA)
  go()
  await box.until(({ type }) => type === TYPE.DONE)
  assert.is(textOf(box.ofType(TYPE.DATA, id)), 'first second')
  assert.equal(
    box.messages.slice(-2).map(({ type }) => type),
    [TYPE.END, TYPE.DONE],
  )
})

test('a large body stays within the window', async () => {
  const size = WINDOW * 2 + 1000
  for (const body of [() => 'x'.repeat(size), () => new Blob(['x'.repeat(size)]).stream()]) {
    const box = guestBox({ default: () => new Response(body()) })
    const id = box.open()
    const sent = () => box.ofType(TYPE.DATA, id).reduce((sum, { data }) => sum + data!.length, 0)
    await box.until(() => sent() === WINDOW)
    await turns()
    assert.is(sent(), WINDOW)
    assert.ok(box.ofType(TYPE.DATA, id).every(({ data }) => data!.length <= CHUNK))
    box.guest.receive(TYPE.CREDIT, id, '1000', null)
    await box.until(() => sent() === WINDOW + 1000)
    box.guest.receive(TYPE.CREDIT, id, String(WINDOW), null)
    await box.until(({ type }) => type === TYPE.DONE)
    assert.is(sent(), size)
  }
})

test('HEAD, 204 and 304 carry no body', async () => {
  const box = guestBox({
    handler: (event: { httpMethod: string }) => ({
      statusCode: event.httpMethod === 'GET' ? 304 : 200,
      body: 'é!',
    }),
  })
  const head = await answerOf(box, box.open({ method: 'HEAD' }))
  assert.is(head.data, null)
  assert.equal(headOf(head).headers.at(-1), ['content-length', '3'])
  assert.is((await answerOf(box, box.open())).data, null)
})

test('an error is reported as it was thrown', async () => {
  class Custom extends Error {
    override name = 'Custom'
  }
  const thrown = new Custom('boo')
  const box = guestBox({
    default: (request: Request) => {
      if (request.method === 'PUT') throw 'text'
      throw thrown
    },
  })
  assert.equal(await failOf(box, box.open()), {
    kind: 'threw',
    name: 'Custom',
    message: 'boo',
    stack: thrown.stack,
  })
  assert.equal(await failOf(box, box.open({ method: 'PUT' })), {
    kind: 'threw',
    name: 'Error',
    message: 'text',
    stack: '',
  })
  const rejects = guestBox({ default: () => Promise.reject({ code: 7 }) })
  assert.is((await failOf(rejects, rejects.open())).message, '{ code: 7 }')
})

test('what cannot be sent says so', async () => {
  const box = guestBox({ handler: () => 1n })
  assert.is((await failOf(box, box.open())).kind, 'unsendable')
})

test('a body that fails before its first byte fails the call', async () => {
  const box = guestBox({
    default: () =>
      new Response(
        new ReadableStream({
          pull() {
            throw new RangeError('early')
          },
        }),
      ),
  })
  const fail = await failOf(box, box.open())
  assert.equal([fail.kind, fail.name, fail.message], ['threw', 'RangeError', 'early'])
})

test('a body that fails on its way is reset, and the log says why', async () => {
  const box = guestBox({
    default: () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await turns(1)
            controller.error(new Error('late'))
          },
        }),
      ),
  })
  const id = box.open()
  const reset = await box.until(({ type }) => type === TYPE.RESET)
  assert.is(reset.head, 'late')
  await box.until((message) => message.type === TYPE.DONE && message.id === id)
  assert.match(box.logs()[0]!.m, /The body of the answer failed: Error: late/)
})

test('a body of something else than bytes fails the call', async () => {
  const box = guestBox({
    default: () =>
      new Response(
        new ReadableStream({
          start(c) {
            c.enqueue('text' as unknown as Uint8Array<ArrayBuffer>)
            c.close()
          },
        }),
      ),
  })
  assert.match((await failOf(box, box.open())).message, /Uint8Array/)
})

test('waitUntil keeps the call open', async () => {
  let finish = () => {}
  const box = guestBox({
    default: (_: Request, __: object, ctx: { waitUntil(promise: Promise<unknown>): void }) => {
      ctx.waitUntil(
        new Promise<void>((resolve) => {
          finish = resolve
        }),
      )
      ctx.waitUntil(Promise.reject(new Error('lost')))
      return new Response('x')
    },
  })
  const id = box.open()
  assert.is(headOf(await answerOf(box, id)).pending, true)
  await turns()
  assert.is(box.ofType(TYPE.DONE).length, 0)
  finish()
  await box.until((message) => message.type === TYPE.DONE && message.id === id)
  assert.match(box.logs()[0]!.m, /waitUntil was rejected: Error: lost/)
  assert.is(box.logs()[0]!.r, 'r-2')
})

test('the caller hangs up', async () => {
  let signal: AbortSignal | undefined
  let canceled: unknown
  const box = guestBox({
    default: (request: Request) => {
      signal = request.signal
      return new Response(
        new ReadableStream({
          cancel(reason) {
            canceled = reason
          },
        }),
      )
    },
  })
  const id = box.open()
  await answerOf(box, id)
  box.guest.receive(TYPE.RESET, id, 'gone', null)
  await box.until(({ type }) => type === TYPE.DONE)
  await turns()
  assert.is(signal!.aborted, true)
  assert.is((canceled as Error).name, 'AbortError')
})

test('the caller hangs up before the answer', async () => {
  let finish: (value: Response) => void = () => {}
  let canceled = false
  const box = guestBox({
    default: () =>
      new Promise((resolve) => {
        finish = resolve
      }),
  })
  const id = box.open()
  box.guest.receive(TYPE.RESET, id, 'gone', null)
  await turns()
  assert.is(box.ofType(TYPE.DONE).length, 0)
  finish(
    new Response(
      new ReadableStream({
        cancel() {
          canceled = true
        },
      }),
    ),
  )
  await box.until(({ type }) => type === TYPE.DONE)
  assert.equal([box.messages.length, canceled], [1, true])
})

test('messages for calls that have ended mean nothing', async () => {
  const box = guestBox({ default: () => new Response('x') })
  const id = box.open()
  await answerOf(box, id)
  for (const type of [TYPE.DATA, TYPE.END, TYPE.CREDIT, TYPE.RESET]) box.guest.receive(type, id, '', null)
  assert.is(box.messages.length, 1)
})

test.run()
