import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type CloseHead,
  type FailHead,
  type FetchedHead,
  TYPE,
  WINDOW,
  WireError,
} from '../../src/runtime/wire.ts'
import { until } from '../support/runtime-harness.ts'
import { closeBoxes, FakeSocket, outboundBox } from './outbound-box.ts'

const test = suite('sockets of a guest')

/** A socket of a guest that is open. */
async function openSocket() {
  const socket = new FakeSocket()
  const asked: unknown[] = []
  const box = outboundBox({
    connect: async (...all) => {
      asked.push(all.slice(0, 3))
      return socket
    },
  })
  const id = box.open({
    upgrade: 'websocket',
    url: 'ws://example.test/',
    headers: [['sec-websocket-protocol', 'chat, , news']],
    whole: false,
  })
  const answer = JSON.parse((await box.message(id, TYPE.ANSWER)).head) as FetchedHead
  return { ...box, socket, asked, id, answer }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const close = (head: Partial<CloseHead>) => JSON.stringify({ code: null, reason: '', clean: true, ...head })

test('it is opened with its protocols, and told which one was chosen', async () => {
  const { asked, answer } = await openSocket()
  assert.equal(asked, [['ws://example.test/', ['chat', 'news'], 0]])
  assert.equal(answer, {
    status: 101,
    statusText: '',
    headers: [['sec-websocket-protocol', 'chat']],
    whole: false,
  })
})

test('messages go both ways', async () => {
  const { socket, outbound, id, of, message } = await openSocket()
  outbound.receive(TYPE.MESSAGE, id, 'text', bytes('grüße'))
  outbound.receive(TYPE.MESSAGE, id, 'binary', new Uint8Array([1, 2]))
  outbound.receive(TYPE.MESSAGE, id, 'text', null)
  assert.is(socket.sent[0], 'grüße')
  assert.equal([...(socket.sent[1] as Uint8Array)], [1, 2])
  assert.is(socket.sent[2], '')
  await until(() => of(id, TYPE.CREDIT).length === 3, 'all were acknowledged')
  assert.equal(
    of(id, TYPE.CREDIT).map(({ head }) => head),
    ['71', '66', '64'],
  )
  socket.onMessage('hello')
  socket.onMessage(new Uint8Array([3]))
  assert.equal([(await message(id, TYPE.MESSAGE)).head, of(id, TYPE.MESSAGE)[1]!.head], ['text', 'binary'])
})

test('a guest that does not read holds the server back, be the messages empty', async () => {
  const { socket, outbound, id } = await openSocket()
  for (let at = 0; at < 3; at++) socket.onMessage(new Uint8Array(65_536))
  assert.equal(socket.did, [])
  socket.onMessage(new Uint8Array(65_536))
  assert.equal(socket.did, ['pause'])
  outbound.receive(TYPE.CREDIT, id, String(65_536 + 64), null)
  assert.equal(socket.did, ['pause', 'resume'])
  for (let at = 0; at < WINDOW / 64; at++) socket.onMessage('')
  assert.equal(socket.did, ['pause', 'resume', 'pause'])
})

test('a guest that floods breaks the protocol', async () => {
  const { socket, outbound, id } = await openSocket()
  socket.stuck = true
  const flood = () => {
    for (let at = 0; at < 1000; at++) outbound.receive(TYPE.MESSAGE, id, 'binary', new Uint8Array(65_536))
  }
  assert.throws(flood, (error: unknown) => error instanceof WireError)
  assert.ok(socket.sent.length < 70)
  assert.throws(
    () => outbound.receive(TYPE.CREDIT, id, '-1', null),
    (error: unknown) => error instanceof WireError,
  )
})

test('closing: with a code, without one, with one that cannot be sent', async () => {
  for (const [head, done] of [
    [{ code: 4000, reason: 'bye' }, 'close 4000 bye'],
    [{}, 'close'],
    [{ code: 1 }, 'terminate'],
  ] as const) {
    const { socket, outbound, id } = await openSocket()
    outbound.receive(TYPE.CLOSE, id, close(head), null)
    assert.equal(socket.did, [done])
  }
})

test('the end is told once, and nothing after it', async () => {
  const { socket, outbound, id, of, sent } = await openSocket()
  socket.onClose(1005, '', true)
  assert.equal(JSON.parse(of(id, TYPE.CLOSE)[0]!.head), { code: null, reason: '', clean: true })
  const before = sent.length
  socket.onMessage('late')
  socket.onClose(1006, '', false)
  outbound.receive(TYPE.MESSAGE, id, 'text', bytes('late'))
  assert.is(sent.length, before)
  assert.equal(socket.sent, [])
})

test('one that cannot be opened fails, one that is given up goes', async () => {
  const box = outboundBox({})
  const id = box.open({ upgrade: 'websocket', url: 'ws://example.test/' })
  assert.is(
    (JSON.parse((await box.message(id, TYPE.FAIL)).head) as FailHead).message,
    'no network in this test',
  )
  const { socket, outbound, id: open } = await openSocket()
  outbound.receive(TYPE.RESET, open, 'gone', null)
  assert.equal(socket.did, ['terminate'])
})

test('when the instance is gone, so are its sockets', async () => {
  const { socket, outbound, sent } = await openSocket()
  const before = sent.length
  outbound.close()
  socket.onClose(1006, '', false)
  assert.equal(socket.did, ['terminate'])
  assert.is(sent.length, before)
})

test('sockets do not take the places of requests', async () => {
  let fetched = 0
  const box = outboundBox({
    connect: async () => new FakeSocket(),
    fetch: async () => new Response(String(++fetched)),
  })
  const ids = Array.from({ length: 66 }, () => box.open({ upgrade: 'websocket', url: 'ws://example.test/' }))
  await box.message(ids[63]!, TYPE.ANSWER)
  assert.equal(box.of(ids[64]!, TYPE.ANSWER), [])
  box.open()
  assert.is(fetched, 1)
  box.outbound.receive(TYPE.RESET, ids[0]!, 'gone', null)
  await box.message(ids[64]!, TYPE.ANSWER)
})

test.after.each(closeBoxes)

test.run()
