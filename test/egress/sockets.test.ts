// @timeout 60
import * as http from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'
import type { OutboundSocket } from '../../src/runtime/runtime.ts'
import { until } from '../support/runtime-harness.ts'
import { egressOf, httpServer, listening, rawServer, refusal } from './servers.ts'

const test = suite('WebSockets of functions')
const egress = egressOf({ policy: 'all' })

interface Heard {
  readonly messages: (string | Uint8Array)[]
  closed: { code: number; reason: string; clean: boolean } | null
}

async function socketServer(connected: (socket: WebSocket, request: http.IncomingMessage) => void) {
  const server = http.createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: true })
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined)
    // The types of ws may come with others of Node than ours.
    connected(socket, request as unknown as http.IncomingMessage)
  })
  return listening(server, '127.0.0.1')
}

function connect(port: number, protocols: readonly string[] = [], depth = 0): Promise<OutboundSocket> {
  return egress.connect(`ws://127.0.0.1:${port}/chat?a=1`, protocols, depth, new AbortController().signal)
}

function listen(socket: OutboundSocket): Heard {
  const heard: Heard = { messages: [], closed: null }
  socket.onMessage = (data) => heard.messages.push(data)
  socket.onClose = (code, reason, clean) => {
    heard.closed = { code, reason, clean }
  }
  return heard
}

test('messages go both ways, text as text and bytes as bytes', async () => {
  await using server = await socketServer((socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  const socket = await connect(server.port)
  const heard = listen(socket)
  await socket.send('grüße')
  await socket.send(new Uint8Array([0, 255]))
  await socket.send('')
  await until(() => heard.messages.length === 3, 'all came back')
  assert.is(heard.messages[0], 'grüße')
  assert.equal([...(heard.messages[1] as Uint8Array)], [0, 255])
  assert.is(heard.messages[2], '')
  socket.close(4000, 'done')
  await until(() => heard.closed !== null, 'it closed')
  assert.equal(heard.closed, { code: 4000, reason: 'done', clean: true })
})

test('the server is told the host, the protocols and the depth, and no compression is offered', async () => {
  let seen: http.IncomingMessage | undefined
  await using server = await socketServer((_, request) => {
    seen = request
  })
  const socket = await connect(server.port, ['a', 'b'], 3)
  assert.is(socket.protocol, 'a')
  assert.is(socket.extensions, '')
  assert.is(seen?.url, '/chat?a=1')
  assert.is(seen?.headers.host, `127.0.0.1:${server.port}`)
  assert.is(seen?.headers['cdn-loop'], 'faas-gateway; depth=4')
  assert.is(seen?.headers['sec-websocket-extensions'], undefined)
  assert.is(seen?.headers['sec-websocket-protocol'], 'a,b')
  socket.terminate()
})

test('what the server sends at once is not lost', async () => {
  await using server = await socketServer((socket) => {
    for (let at = 0; at < 50; at++) socket.send(String(at))
    socket.close(1000, 'all')
  })
  for (let round = 0; round < 20; round++) {
    const heard = listen(await connect(server.port))
    await until(() => heard.closed !== null, 'it closed')
    assert.equal(
      heard.messages,
      Array.from({ length: 50 }, (_, at) => String(at)),
    )
    assert.equal(heard.closed, { code: 1000, reason: 'all', clean: true })
  }
})

test('a close without a status and a lost connection are told apart', async () => {
  await using server = await socketServer((socket, request) => {
    if (request.headers['sec-websocket-protocol'] === 'lost') socket.terminate()
    else socket.close()
  })
  const closed = listen(await connect(server.port))
  await until(() => closed.closed !== null, 'it closed')
  assert.equal(closed.closed, { code: 1005, reason: '', clean: true })
  const lost = listen(await connect(server.port, ['lost']))
  await until(() => lost.closed !== null, 'it was lost')
  assert.equal(lost.closed, { code: 1006, reason: '', clean: false })
})

test('a socket that is paused holds the server back', async () => {
  let buffered = () => 0
  await using server = await socketServer((socket) => {
    buffered = () => socket.bufferedAmount
    for (let at = 0; at < 512; at++) socket.send(new Uint8Array(65_536))
  })
  const socket = await connect(server.port)
  const heard = listen(socket)
  socket.pause(true)
  const before = buffered()
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(buffered() > 0, `${before} bytes were waiting`)
  assert.ok(heard.messages.length < 256, `${heard.messages.length} messages came`)
  socket.pause(false)
  await until(() => heard.messages.length === 512, 'the rest came')
  socket.terminate()
})

test('a message beyond measure ends the socket', async () => {
  await using server = await socketServer((socket) => socket.send(new Uint8Array(4_194_305)))
  const heard = listen(await connect(server.port))
  await until(() => heard.closed !== null, 'it closed')
  assert.equal(heard.messages, [])
  assert.is(heard.closed?.clean, false)
})

test('a server that pings and never reads is left', async () => {
  let gone = false
  await using server = await socketServer((socket) => {
    socket.on('close', () => {
      gone = true
    })
    socket.pause()
    const flood = () => {
      for (let at = 0; at < 1000 && !gone; at++) socket.ping(new Uint8Array(125))
      if (!gone) setImmediate(flood)
    }
    flood()
  })
  const heard = listen(await connect(server.port))
  await until(() => heard.closed !== null, 'it was left', 20_000)
  gone = true
  assert.is(heard.closed?.clean, false)
})

test('a ping is answered', async () => {
  let answered = ''
  await using server = await socketServer((socket) => {
    socket.on('pong', (data) => {
      answered = String(data)
    })
    socket.ping('still there')
  })
  const socket = await connect(server.port)
  listen(socket)
  await until(() => answered === 'still there', 'the answer came')
  socket.terminate()
})

test('a server that is none is told as such, and a redirect is not followed', async () => {
  await using plain = await httpServer((_, response) => response.end('hello'))
  assert.match(
    await refusal(connect(plain.port)),
    /WebSocket to 127.0.0.1:\d+ failed: Unexpected server response: 200/,
  )
  await using moved = await httpServer((_, response) => {
    response.writeHead(302, { location: `ws://127.0.0.1:${plain.port}/` }).end()
  })
  assert.match(await refusal(connect(moved.port)), 'Unexpected server response: 302')
  await using closing = await rawServer((socket) => socket.end())
  assert.match(await refusal(connect(closing.port)), 'failed')
})

test('one that is given up while it connects leaves its server', async () => {
  let open = 0
  await using silent = await rawServer((socket) => {
    open++
    socket.on('close', () => open--).resume()
  })
  const abort = new AbortController()
  const connecting = egress.connect(`ws://127.0.0.1:${silent.port}/`, [], 0, abort.signal)
  await until(() => open === 1, 'it connected')
  abort.abort(new Error('given up'))
  assert.match(await refusal(connecting), 'given up')
  await until(() => open === 0, 'it left')
})

test('protocols that cannot be are refused', async () => {
  for (const protocols of [['a b'], ['a', 'a'], [''], ['a\r\nx: y']]) {
    await using server = await socketServer(() => undefined)
    assert.match(await refusal(connect(server.port, protocols)), 'failed')
  }
})

test.run()
