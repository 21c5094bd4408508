// @slow
import { connect, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DeployMessage } from '../../src/deploy/deployer.ts'
import { until } from '../support/http-app.ts'
import { httpServer } from '../support/http-server.ts'

const test = suite('HTTP on a real socket')

function watch(port: number, protocols: string[] = []) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/deploy/ws`, protocols)
  const seen = {
    messages: [] as unknown[],
    opened: false,
    closed: null as { code: number; reason: string } | null,
  }
  socket.onopen = () => {
    seen.opened = true
  }
  socket.onmessage = ({ data }) => seen.messages.push(JSON.parse(String(data)))
  socket.onclose = ({ code, reason }) => {
    seen.closed = { code, reason }
  }
  socket.onerror = () => {}
  return { socket, seen }
}

/** A bare connection, for clients that do what no HTTP client would. */
async function bare(port: number, text: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(text)
  return { socket, received: () => received }
}

const MESSAGES: DeployMessage[] = [
  { type: 'status', callback_id: 7, status: 'building', message: 'bundling' },
  { type: 'log', callback_id: 7, message: 'grüße\n"quoted"' },
  { type: 'status', callback_id: 7, status: 'success', message: 'it serves' },
]

test('a WebSocket gets the very messages of the feed, until the client leaves', async () => {
  await using server = await httpServer({ corsOrigins: ['https://app.example'] })
  const { socket, seen } = watch(server.port)
  await until(() => seen.opened && server.feed.listeners === 1, 'the socket listens')
  for (const message of MESSAGES) server.feed.publish(message)
  socket.send('whatever a client says is ignored')
  await until(() => seen.messages.length === 3, 'three messages came')
  assert.equal(seen.messages, MESSAGES)
  socket.close()
  await until(() => server.feed.listeners === 0 && seen.closed !== null, 'nothing listens any more')
})

test('a WebSocket needs the token, as a subprotocol where it cannot be a header', async () => {
  await using server = await httpServer({ adminToken: 'a+b/c=' })
  const wrong = [[], ['bearer'], ['bearer', Buffer.from('no').toString('base64url')]]
  for (const protocols of wrong) {
    const { seen } = watch(server.port, protocols)
    await until(() => seen.closed !== null, 'the socket was refused')
    assert.is(seen.opened, false)
  }
  const { socket, seen } = watch(server.port, ['bearer', Buffer.from('a+b/c=').toString('base64url')])
  await until(() => seen.opened, 'the socket opened')
  assert.is(socket.protocol, 'bearer')
  socket.close()
  await until(() => seen.closed !== null, 'the socket closed')
})

test('a WebSocket whose client does not read is closed, and costs a bounded amount', async () => {
  await using server = await httpServer()
  const head = [
    'GET /deploy/ws HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ]
  const { socket } = await bare(server.port, `${head.join('\r\n')}\r\n\r\n`)
  await until(() => server.feed.listeners === 1, 'the socket listens')
  socket.pause()
  const message = 'x'.repeat(64 * 1024)
  let sent = 0
  await until(() => {
    server.feed.publish({ type: 'log', callback_id: 1, message })
    sent++
    return server.feed.listeners === 0
  }, 'the slow client was given up')
  assert.ok(sent < 1000, `${sent} messages of 64 KiB`)
  socket.destroy()
})

test('sockets and streams end when the gateway shuts down', async () => {
  await using server = await httpServer()
  const { seen } = watch(server.port)
  const stream = await fetch(`${server.origin}/deploy/events`)
  await until(() => seen.opened && server.feed.listeners === 2, 'both listen')
  server.state.draining = true
  await stream.text()
  await until(() => seen.closed !== null, 'the socket closed')
  assert.equal(seen.closed, { code: 1001, reason: 'the gateway is shutting down' })
  assert.is(server.feed.listeners, 0)
})

test('an event stream is given up when its client hangs up', async () => {
  await using server = await httpServer()
  const { socket, received } = await bare(server.port, 'GET /deploy/events HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => received().includes('retry:'), 'the stream began')
  server.feed.publish(MESSAGES[0]!)
  await until(() => received().includes('bundling'), 'the event came')
  socket.destroy()
  await until(() => server.feed.listeners === 0, 'nothing listens any more')
})

test('a client that never finishes its body gets 408, one that sends too much 413', async () => {
  await using server = await httpServer({ bodyTimeoutMs: 150, maxBodyBytes: 1024 })
  const head = 'POST /chatroom HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"title":'
  const slow = await bare(server.port, head)
  await until(() => slow.received().includes('\r\n\r\n'), 'an answer came')
  assert.match(slow.received(), /^HTTP\/1\.1 408 /)
  assert.match(slow.received(), 'body_timeout')
  const chunked = 'POST /chatroom HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n'
  const large = await bare(server.port, `${chunked}1000\r\n${'x'.repeat(4096)}\r\n`)
  await until(() => large.received().includes('body_too_large'), 'an answer came')
  assert.match(large.received(), /^HTTP\/1\.1 413 /)
  slow.socket.destroy()
  large.socket.destroy()
  assert.is((await fetch(`${server.origin}/health`)).status, 200)
})

test('a client that hangs up in its body, or before its answer, does no harm', async () => {
  await using server = await httpServer()
  for (const text of [
    'POST /chatroom HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"ti',
    'GET /callbacks HTTP/1.1\r\nHost: x\r\n\r\n',
    'GARBAGE\r\n\r\n',
  ]) {
    const { socket } = await bare(server.port, text)
    socket.destroy()
  }
  const answer = await fetch(`${server.origin}/callbacks`)
  assert.is(answer.status, 200)
  assert.equal(await answer.json(), [])
  assert.equal(
    server.logged.filter((entry) => entry.level === 'error'),
    [],
  )
})

test('absurd request lines are answered with an error, never a failure', async () => {
  await using server = await httpServer()
  for (const target of [
    '/callbacks/%zz',
    '/callbacks/%00',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/callbacks/../callbacks/x',
    `/${'x'.repeat(9000)}`,
    '/%',
    '//',
    '/callbacks\\1',
  ]) {
    const { socket, received } = await bare(server.port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    await until(() => /\r\n\r\n/.test(received()), `an answer to ${target.slice(0, 40)} came`)
    assert.match(received(), /^HTTP\/1\.1 (400|404|414) /, target.slice(0, 40))
    socket.destroy()
  }
})

test('the raw path of a call arrives as it was sent', async () => {
  await using server = await httpServer()
  const { socket, received } = await bare(
    server.port,
    'GET /api/a%2Fb/%zz/c HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  )
  await until(() => received().includes('}'), 'an answer came')
  assert.is(server.invoker.calls[0]?.path, 'a%2Fb/%zz/c')
  assert.is(server.invoker.calls[0]?.peer.ip, '127.0.0.1')
  socket.destroy()
})

test.run()
