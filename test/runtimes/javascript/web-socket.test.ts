import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventTools } from '../../../runtimes/javascript/event-tools.ts'
import { MAX_MESSAGE } from '../../../runtimes/javascript/socket-exchange.ts'
import { createWebSocket } from '../../../runtimes/javascript/web-socket.ts'
import { workerEventTools } from '../../../runtimes/worker/event-tools.ts'
import { type CallHead, type CloseHead, MESSAGE_COST, TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { type GuestBox, guestBox, turns } from './guest-box.ts'

const test = suite('WebSocket over the wire')

/** Tasks of a host that would otherwise be kept alive by a channel. */
const tools: EventTools = { ...workerEventTools, queueTask: (action) => void setTimeout(action, 0) }
const bytes = (text: string) => new TextEncoder().encode(text)

function socketBox() {
  const box = guestBox({ default: () => new Response('') })
  return { box, WebSocket: createWebSocket(tools, box.guest.openSocket) }
}

type Socket = InstanceType<ReturnType<typeof createWebSocket>> & Record<string, unknown>

/** Everything that a socket fires, in order. */
function record(socket: Socket): string[] {
  const events: string[] = []
  socket.onopen = () => events.push(`open ${socket.protocol}`)
  socket.onmessage = ({ data }: MessageEvent) => events.push(`message ${String(data)}`)
  socket.onerror = (event: ErrorEvent) => events.push(`error ${event.message}`)
  socket.onclose = ({ code, reason, wasClean }: CloseEvent) =>
    events.push(`close ${code} ${reason} ${wasClean}`)
  return events
}

const idOf = (box: GuestBox) => box.ofType(TYPE.CALL).at(-1)!.id

function answer(box: GuestBox, headers: [string, string][] = []): void {
  const head = { status: 101, statusText: '', headers, whole: false }
  box.guest.receive(TYPE.ANSWER, idOf(box), JSON.stringify(head), null)
}

function closeWith(box: GuestBox, close: CloseHead): void {
  box.guest.receive(TYPE.CLOSE, idOf(box), JSON.stringify(close), null)
}

async function openSocket(protocols: string[] = []) {
  const { box, WebSocket } = socketBox()
  const socket = new WebSocket('ws://example.com/chat', protocols) as Socket
  const events = record(socket)
  answer(box)
  await turns()
  return { box, socket, events }
}

test('it asks the gateway for the connection, and tells what was chosen', async () => {
  const { box, WebSocket } = socketBox()
  const socket = new WebSocket('https://example.com/chat?room=1', ['one', 'two']) as Socket
  const events = record(socket)
  const call = JSON.parse(box.ofType(TYPE.CALL)[0]!.head) as CallHead
  assert.is(call.upgrade, 'websocket')
  assert.is(call.url, 'wss://example.com/chat?room=1')
  assert.is(socket.url, call.url)
  assert.equal(call.headers, [['sec-websocket-protocol', 'one, two']])
  assert.is(socket.readyState, 0)
  answer(box, [['Sec-WebSocket-Protocol', 'two']])
  assert.is(socket.readyState, 0, 'the event is a task of its own')
  await turns()
  assert.is(socket.readyState, 1)
  assert.equal(events, ['open two'])
})

test('what cannot be an address or a protocol is refused', () => {
  const { WebSocket } = socketBox()
  for (const [url, protocols] of [
    ['/relative', []],
    ['ftp://example.com', []],
    ['ws://example.com/#part', []],
    ['ws://example.com/#', []],
    ['ws://example.com', ['two words']],
    ['ws://example.com', ['']],
    ['ws://example.com', ['one', 'one']],
    ['ws://example.com', ['one', 'ONE']],
  ] as const) {
    assert.throws(
      () => new WebSocket(url, protocols),
      (error: DOMException) => error instanceof DOMException && error.name === 'SyntaxError',
      `${url} ${protocols}`,
    )
  }
})

test('messages are events in their order, each after the promise jobs of the one before', async () => {
  const { box, socket } = await openSocket()
  const seen: string[] = []
  const next = () =>
    new Promise<MessageEvent>((resolve) =>
      socket.addEventListener('message', resolve as never, { once: true }),
    )
  const reading = (async () => {
    for (let count = 0; count < 3; count++) seen.push((await next()).data)
  })()
  for (const text of ['one', 'two', 'three']) box.guest.receive(TYPE.MESSAGE, idOf(box), 'text', bytes(text))
  await reading
  assert.equal(seen, ['one', 'two', 'three'])
})

test('binary messages come as binaryType says, and only what was handled is credited', async () => {
  const { box, socket } = await openSocket()
  const got: unknown[] = []
  socket.onmessage = ({ data }: MessageEvent) => got.push(data)
  const id = idOf(box)
  box.guest.receive(TYPE.MESSAGE, id, 'binary', Uint8Array.of(1, 2, 3))
  assert.equal(box.ofType(TYPE.CREDIT, id), [])
  await turns()
  assert.equal(
    box.ofType(TYPE.CREDIT, id).map(({ head }) => head),
    [String(3 + MESSAGE_COST)],
  )
  socket.binaryType = 'arraybuffer'
  socket.binaryType = 'neither'
  assert.is(socket.binaryType, 'arraybuffer')
  box.guest.receive(TYPE.MESSAGE, id, 'binary', Uint8Array.of(4, 5, 6, 7).subarray(1, 3))
  await turns()
  assert.equal(new Uint8Array(await (got[0] as Blob).arrayBuffer()), Uint8Array.of(1, 2, 3))
  assert.equal(new Uint8Array(got[1] as ArrayBuffer), Uint8Array.of(5, 6))
})

test('what is sent is copied, kept in order, and counted until it has left', async () => {
  const { box, socket } = await openSocket()
  const id = idOf(box)
  const buffer = Uint8Array.of(1, 2)
  socket.send('grüße')
  socket.send(new Blob(['from a blob']))
  socket.send(buffer)
  buffer[0] = 9
  assert.is(socket.bufferedAmount, 7 + 11 + 2)
  await box.until(({ type, head, data }) => type === TYPE.MESSAGE && head === 'binary' && data?.length === 2)
  const sent = box.ofType(TYPE.MESSAGE, id)
  assert.equal(
    sent.map(({ head, data }) => [head, typeof data === 'string' ? data : [...data!].join()]),
    [
      ['text', 'grüße'],
      ['binary', [...bytes('from a blob')].join()],
      ['binary', '1,2'],
    ],
  )
  const sentAll = (...sizes: number[]) => {
    const cost = sizes.reduce((sum, size) => sum + size + MESSAGE_COST, 0)
    box.guest.receive(TYPE.CREDIT, id, String(cost), null)
  }
  sentAll(7)
  assert.is(socket.bufferedAmount, 13)
  sentAll(11, 2)
  assert.is(socket.bufferedAmount, 0)
})

test('no message starts while a window is under way', async () => {
  const { box, socket } = await openSocket()
  const id = idOf(box)
  const half = WINDOW / 2
  for (let count = 0; count < 3; count++) socket.send(new Uint8Array(half))
  socket.send(new Uint8Array(WINDOW * 3))
  socket.send('after it')
  const count = () => box.ofType(TYPE.MESSAGE, id).length
  const taken = (size: number) => box.guest.receive(TYPE.CREDIT, id, String(size + MESSAGE_COST), null)
  assert.is(count(), 2)
  taken(half)
  assert.is(count(), 3)
  taken(half)
  assert.is(count(), 4, 'the last one may reach beyond the window')
  taken(half)
  assert.is(count(), 4)
  taken(WINDOW * 3)
  assert.is(count(), 5)
})

test('it closes after what was sent before, and is closed when the gateway says so', async () => {
  const { box, socket, events } = await openSocket()
  const id = idOf(box)
  socket.send(new Uint8Array(WINDOW))
  socket.send('last')
  socket.close(3001, 'enough')
  assert.is(socket.readyState, 2)
  socket.send('too late')
  assert.is(socket.bufferedAmount, WINDOW + 4 + 8)
  assert.equal(box.ofType(TYPE.CLOSE, id), [])
  box.guest.receive(TYPE.CREDIT, id, String(WINDOW + MESSAGE_COST), null)
  assert.is(box.ofType(TYPE.MESSAGE, id).at(-1)!.data, 'last')
  const [close] = box.ofType(TYPE.CLOSE, id)
  assert.equal(JSON.parse(close!.head), { code: 3001, reason: 'enough', clean: false })
  box.guest.receive(TYPE.MESSAGE, id, 'text', bytes('not heard'))
  closeWith(box, { code: 3001, reason: 'enough', clean: true })
  await turns()
  assert.is(socket.readyState, 3)
  assert.equal(events, ['open ', 'close 3001 enough true'])
})

test('a server that closes without a status, and a connection that breaks', async () => {
  const orderly = await openSocket()
  closeWith(orderly.box, { code: null, reason: '', clean: true })
  const broken = await openSocket()
  closeWith(broken.box, { code: null, reason: '', clean: false })
  await turns()
  assert.equal(orderly.events, ['open ', 'close 1005  true'])
  assert.equal(broken.events, ['open ', 'error The connection broke', 'close 1006  false'])
})

test('a connection that cannot be made is an error with its reason', async () => {
  const { box, WebSocket } = socketBox()
  const socket = new WebSocket('ws://10.0.0.1/') as Socket
  const events = record(socket)
  const fail = { kind: 'threw', name: 'TypeError', message: 'Cannot reach "10.0.0.1"', stack: '' }
  box.guest.receive(TYPE.FAIL, idOf(box), JSON.stringify(fail), null)
  await turns()
  assert.is(socket.readyState, 3)
  assert.equal(events, ['error Cannot reach "10.0.0.1"', 'close 1006  false'])
})

test('closed before it is open it gives up', async () => {
  const { box, WebSocket } = socketBox()
  const socket = new WebSocket('ws://example.com/') as Socket
  const events = record(socket)
  assert.throws(
    () => socket.send('early'),
    (error: DOMException) => error.name === 'InvalidStateError',
  )
  socket.close()
  assert.is(socket.readyState, 2)
  assert.equal(events, [])
  assert.is(box.ofType(TYPE.RESET).length, 1)
  answer(box)
  await turns()
  assert.equal(events, ['error it was closed before it was open', 'close 1006  false'])
})

test('codes and reasons that may not be sent are refused', async () => {
  const { socket } = await openSocket()
  for (const code of [0, 999, 1001, 1005, 2999, 5000, Number.NaN])
    assert.throws(
      () => socket.close(code),
      (error: DOMException) => error.name === 'InvalidAccessError',
      String(code),
    )
  assert.throws(
    () => socket.close(1000, 'ü'.repeat(62)),
    (error: DOMException) => error.name === 'SyntaxError',
  )
  assert.is(socket.readyState, 1)
})

test('a message that is too long ends the connection', async () => {
  const { box, socket, events } = await openSocket()
  socket.send(new Uint8Array(MAX_MESSAGE + 1))
  await turns()
  assert.is(box.ofType(TYPE.RESET).length, 1)
  assert.match(events[1]!, /too long/)
  assert.is(socket.readyState, 3)
})

test.run()
