import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FailHead, type FetchedHead, TYPE, WINDOW, WireError } from '../../src/runtime/wire.ts'
import { until } from '../support/runtime-harness.ts'
import { closeBoxes, outboundBox, type Sent } from './outbound-box.ts'

const test = suite('requests of a guest')
const reason = (message: Sent) => (JSON.parse(message.head) as FailHead).message

/** An egress whose answers the test gives, in the order of the requests. */
function answering() {
  const requests: { request: Request; answer: (response: Response) => void }[] = []
  const fetch = (request: Request) =>
    new Promise<Response>((answer) => {
      requests.push({ request, answer })
    })
  return { requests, fetch }
}

test('a request goes out as it came, its answer comes back with its body', async () => {
  const depths: number[] = []
  const box = outboundBox(
    {
      async fetch(request, depth) {
        depths.push(depth)
        assert.is(request.method, 'POST')
        assert.is(request.redirect, 'manual')
        assert.is(request.headers.get('x-own'), 'a')
        assert.is(request.headers.get('content-length'), '2')
        return new Response(`${await request.text()}!`, { status: 201, statusText: 'Made' })
      },
    },
    10,
    3,
  )
  const headers: [string, string][] = [
    ['x-own', 'a'],
    ['content-length', '99'],
  ]
  const id = box.open({ method: 'POST', headers }, new TextEncoder().encode('hi'))
  await box.message(id, TYPE.END)
  const head = JSON.parse((await box.message(id, TYPE.ANSWER)).head) as FetchedHead
  assert.equal([head.status, head.statusText, head.whole], [201, 'Made', false])
  assert.is(String(Buffer.from(box.of(id, TYPE.DATA)[0]!.data as Uint8Array)), 'hi!')
  assert.equal(depths, [3])
})

test('the limit holds per call, and is told before anything is read', async () => {
  let fetched = 0
  const box = outboundBox({ fetch: async () => new Response(String(++fetched)) }, 3)
  for (let at = 0; at < 5; at++) box.open()
  assert.is(fetched, 3)
  assert.match(reason(await box.message(7, TYPE.FAIL)), 'have opened the 3 requests that each of them may')
  assert.match(reason(await box.message(9, TYPE.FAIL)), 'limits.subrequests')
  box.period.calls = 2
  for (let at = 0; at < 5; at++) box.open()
  assert.is(fetched, 6, 'a second call brings as many again')
  box.outbound.receive(TYPE.CALL, 101, 'not even JSON', null)
  await box.message(101, TYPE.FAIL)
})

test('a limit of 0 allows none, and a module that loads counts as one call', async () => {
  const none = outboundBox({ fetch: async () => new Response() }, 0)
  assert.match(reason(await none.message(none.open(), TYPE.FAIL)), 'limits.subrequests is 0')
  const loading = outboundBox({ fetch: async () => new Response() }, 1)
  loading.period.calls = 0
  await loading.message(loading.open(), TYPE.ANSWER)
  await loading.message(loading.open(), TYPE.FAIL)
})

test('a socket counts as a request', async () => {
  const box = outboundBox({}, 1)
  box.open({ upgrade: 'websocket', url: 'ws://example.test/' })
  const id = box.open({ upgrade: 'websocket', url: 'ws://example.test/' })
  assert.match(reason(await box.message(id, TYPE.FAIL)), 'limits.subrequests')
})

test('64 run at once, the rest wait in order', async () => {
  const { requests, fetch } = answering()
  const box = outboundBox({ fetch }, 1000)
  for (let at = 0; at < 70; at++) box.open({ url: `http://example.test/${at}` })
  assert.is(requests.length, 64)
  const path = (at: number) => new URL(requests[at]!.request.url).pathname
  requests[10]!.answer(new Response(null, { status: 204 }))
  await until(() => requests.length === 65, 'the next one started')
  assert.is(path(64), '/64')
  box.outbound.receive(TYPE.RESET, 2 * 65 + 1, 'given up', null)
  for (const at of [0, 1]) requests[at]!.answer(new Response(null, { status: 204 }))
  await until(() => requests.length === 67, 'two more started')
  assert.equal([path(65), path(66)], ['/66', '/67'], 'the one that was given up never started')
})

test('an answer that is read slowly keeps its place until it ends or is given up', async () => {
  const { requests, fetch } = answering()
  const box = outboundBox({ fetch }, 1000)
  for (let at = 0; at < 66; at++) box.open()
  let pulled = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++
      controller.enqueue(new Uint8Array(65_536))
    },
    cancel: () => {
      cancelled = true
    },
  })
  requests[0]!.answer(new Response(body))
  await until(() => box.of(1, TYPE.DATA).length === WINDOW / 65_536, 'a window was sent')
  assert.ok(pulled <= WINDOW / 65_536 + 2, `${pulled} pieces were read`)
  assert.is(requests.length, 64)
  box.outbound.receive(TYPE.CREDIT, 1, '65536', null)
  await until(() => box.of(1, TYPE.DATA).length === WINDOW / 65_536 + 1, 'one more was sent')
  box.outbound.receive(TYPE.RESET, 1, 'enough', null)
  await until(() => cancelled && requests.length === 65, 'the next one started')
})

test('what waits holds little: the rest is refused', async () => {
  const { fetch } = answering()
  const box = outboundBox({ fetch }, 100_000)
  for (let at = 0; at < 64; at++) box.open()
  const refused = () => box.sent.filter(({ type }) => type === TYPE.FAIL).length
  let waiting = 0
  for (; waiting < 1000 && refused() === 0; waiting++) box.open({ method: 'POST' }, new Uint8Array(65_536))
  assert.ok(waiting > 200 && waiting < 260, `${waiting} were kept`)
  const other = outboundBox({ fetch }, 100_000)
  for (let at = 0; at < 64; at++) other.open()
  let streams = 0
  for (; streams < 1000 && other.sent.length === 0; streams++) other.open({ method: 'POST', whole: false })
  assert.ok(streams > 50 && streams < 70, `${streams} streams were kept`)
})

test('a request body streams, and its credit comes as it is read', async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>()
  let received = 0
  const box = outboundBox({
    async fetch(request) {
      await go
      for await (const piece of request.body!) received += piece.length
      return new Response(null, { status: 204 })
    },
  })
  const id = box.open({ method: 'PUT', whole: false, headers: [['content-length', '131072']] })
  box.outbound.receive(TYPE.DATA, id, '', new Uint8Array(65_536))
  box.outbound.receive(TYPE.DATA, id, '', new Uint8Array(65_536))
  box.outbound.receive(TYPE.END, id, '', null)
  assert.is(received, 0)
  release()
  await box.message(id, TYPE.ANSWER)
  assert.is(received, 131_072)
})

test('a guest that sends more than its window breaks the protocol', () => {
  const { fetch } = answering()
  const box = outboundBox({ fetch })
  const id = box.open({ method: 'PUT', whole: false })
  const flood = () => {
    for (let at = 0; at < 10; at++) box.outbound.receive(TYPE.DATA, id, '', new Uint8Array(65_536))
  }
  assert.throws(flood, (error: unknown) => error instanceof WireError)
  assert.throws(() => box.outbound.receive(TYPE.CALL, id, '{}', null), /open already/)
})

for (const [name, head] of Object.entries({
  'a line break in a header': { headers: [['x', 'a\r\nb: c']] },
  'a line break in a header’s name': { headers: [['x\r\ny', 'a']] },
  'headers that are none': { headers: 7 },
  'an address that is none': { url: 'nowhere' },
  'an address of another scheme': { url: 'file:///etc/hostname' },
  'the method CONNECT': { method: 'CONNECT' },
  'the method TRACE': { method: 'TRACE' },
  'a method with a line break': { method: 'GET / HTTP/1.1\r\nx: ' },
  'a request id that is none': { requestId: { toString: 1 } },
})) {
  test(`a hostile guest’s CALL with ${name} harms nobody`, async () => {
    const box = outboundBox({ fetch: () => Promise.reject(new TypeError('refused')) })
    const id = box.open(head as object)
    const fail = JSON.parse((await box.message(id, TYPE.FAIL)).head) as FailHead
    assert.is(fail.name, 'TypeError')
  })
}

test('when the instance is gone everything ends, and nothing is told any more', async () => {
  const signals: AbortSignal[] = []
  let begun = 0
  const box = outboundBox({
    fetch: (request) => {
      begun++
      signals.push(request.signal)
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    },
  })
  for (let at = 0; at < 70; at++) box.open()
  box.outbound.close()
  await until(() => signals.every(({ aborted }) => aborted), 'all were given up')
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(begun, 64)
  assert.equal(box.sent, [])
})

test.after.each(closeBoxes)

test.run()
