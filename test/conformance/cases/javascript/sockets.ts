import { Buffer } from 'node:buffer'
import { createServer, type ServerResponse } from 'node:http'
import * as assert from 'uvu/assert'
import { until } from '../../../support/runtime-harness.ts'
import { end, listen, socketServer } from '../../servers.ts'
import { type JavaScriptCode, jsonOf, type Register, type Subject } from '../../subject.ts'

const ONE = { limits: { max_instances: 1 } }
const PATIENCE = 20_000
const PIECE = 65_536
const PIECES = 160

/** Sockets and event sources that a function opens. */
export function socketCases(test: Register, subject: Subject<JavaScriptCode>): void {
  const { deploy, reachable, network, hasEventSource } = subject

  test('WebSocket: both ways, text and bytes, with the protocol that was chosen and a clean end', async () => {
    await using server = await socketServer(reachable, (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data as Uint8Array, { binary: isBinary }))
      socket.on('close', (code, reason) => closes.push([code, String(reason)]))
    })
    const closes: unknown[] = []
    const node = `export default async (request) => {
      const socket = new WebSocket(await request.text(), ['one', 'two'])
      socket.binaryType = 'arraybuffer'
      const events = ['state ' + socket.readyState]
      await new Promise((resolve) => {
        socket.onopen = () => {
          events.push('open ' + socket.protocol)
          socket.send('grüße')
          socket.send(Uint8Array.of(1, 2, 3))
          socket.send(new Blob(['blob']))
        }
        socket.onmessage = ({ data, origin }) => {
          events.push(typeof data === 'string' ? data : new Uint8Array(data).join())
          if (events.length === 5) socket.close(4001, 'done')
        }
        socket.onclose = ({ code, reason, wasClean }) => {
          events.push([code, reason, wasClean, socket.bufferedAmount, socket.readyState].join())
          resolve()
        }
      })
      return Response.json(events)
    }`
    const deployed = await deploy({ node })
    const events = await jsonOf(deployed.call({ method: 'POST', body: server.url }))
    assert.equal(events, ['state 0', 'open two', 'grüße', '1,2,3', '98,108,111,98', '4001,done,true,0,3'])
    await until(() => closes.length > 0, 'the server saw the end', PATIENCE)
    assert.equal(closes, [[4001, 'done']])
  })

  test('WebSocket: it outlives its call, and ends with its instance', async () => {
    const ends: number[] = []
    await using server = await socketServer(reachable, (socket) => {
      socket.on('message', (data) => socket.send(`heard ${String(data)}`))
      socket.on('close', (code) => ends.push(code))
    })
    const node = `let socket
      export default async (request) => {
        const { search } = new URL(request.url)
        if (search === '?loop') for (;;);
        if (search === '?open') {
          socket = new WebSocket(await request.text())
          await new Promise((resolve) => { socket.onopen = resolve })
          return new Response('open')
        }
        const heard = new Promise((resolve) => { socket.onmessage = ({ data }) => resolve(data) })
        socket.send('a later call')
        return new Response(await heard)
      }`
    const deployed = await deploy({ node }, { limits: { max_instances: 1, timeout_ms: 1500 } })
    await (await deployed.call({ method: 'POST', body: server.url }, '?open')).text()
    assert.is(await (await deployed.call()).text(), 'heard a later call')
    assert.equal(ends, [])
    assert.is((await deployed.call({}, '?loop')).status, 504)
    await until(() => ends.length === 1, 'the socket of the ended instance is closed', PATIENCE)
  })

  test('WebSocket: much in both directions arrives whole, and is held back where it is not taken', async () => {
    await using server = await socketServer(reachable, (socket, path) => {
      if (path === '/take') {
        let bytes = 0
        socket.on('message', (data) => {
          bytes += (data as Uint8Array).length
          if (bytes === PIECE * PIECES) socket.send(String(bytes))
        })
      } else for (let count = 0; count < PIECES; count++) socket.send(new Uint8Array(PIECE).fill(count))
    })
    const node = `export default async (request) => {
      const url = await request.text()
      const taking = new WebSocket(url + '/take')
      await new Promise((resolve) => { taking.onopen = resolve })
      for (let count = 0; count < ${PIECES}; count++) taking.send(new Uint8Array(${PIECE}))
      const buffered = taking.bufferedAmount
      const taken = await new Promise((resolve) => { taking.onmessage = ({ data }) => resolve(data) })
      const giving = new WebSocket(url + '/give')
      giving.binaryType = 'arraybuffer'
      let given = 0, inOrder = true, count = 0
      await new Promise((resolve) => {
        giving.onmessage = ({ data }) => {
          inOrder &&= new Uint8Array(data)[0] === count++ % 256
          given += data.byteLength
          if (given === ${PIECE * PIECES}) resolve()
        }
      })
      return Response.json({ buffered, taken, given, inOrder, after: taking.bufferedAmount })
    }`
    const deployed = await deploy({ node })
    const total = PIECE * PIECES
    assert.equal(await jsonOf(deployed.call({ method: 'POST', body: server.url })), {
      buffered: total,
      taken: String(total),
      given: total,
      inOrder: true,
      after: 0,
    })
  })

  test('WebSocket: an address that is not allowed is an error event with the reason', async () => {
    const node = `export default async () => {
      const events = []
      await new Promise((resolve) => {
        const socket = new WebSocket('ws://169.254.169.254/')
        socket.onerror = ({ type, message }) => events.push(type, message)
        socket.onclose = ({ code, wasClean }) => { events.push(code, wasClean); resolve() }
      })
      return Response.json(events)
    }`
    const events = await jsonOf<unknown[]>((await deploy({ node })).call())
    assert.is(events[0], 'error')
    if (network === 'gateway') assert.match(String(events[1]), '169.254.169.254')
    assert.equal(events.slice(2), [1006, false])
  })

  if (!hasEventSource) return
  test('EventSource: events with their names and ids, and again from the last one after a loss', async () => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response: ServerResponse) => {
      const id = request.headers['last-event-id'] as string | undefined
      asked.push(id && Buffer.from(id, 'latin1').toString())
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (asked.length === 1)
        response.end('retry: 20\n\nid: 7…\ndata: one\ndata: line\n\nevent: named\r\ndata:two\r\n\r\n')
      else response.write(': a remark\n\ndata: three\n\n')
    })
    const port = await listen(server, reachable)
    const node = `export default async (request) => {
      const source = new EventSource(await request.text())
      const events = []
      await new Promise((resolve) => {
        source.onopen = () => events.push('open')
        source.onerror = () => events.push('error ' + source.readyState)
        source.addEventListener('named', ({ data, lastEventId }) => events.push('named ' + data + lastEventId))
        source.onmessage = ({ data }) => { events.push(data); if (data === 'three') resolve() }
      })
      source.close()
      return Response.json([events, source.readyState])
    }`
    const deployed = await deploy({ node }, ONE)
    const url = `http://${reachable}:${port}/`
    try {
      assert.equal(await jsonOf(deployed.call({ method: 'POST', body: url })), [
        ['open', 'one\nline', 'named two7…', 'error 0', 'open', 'three'],
        2,
      ])
      assert.equal(asked, [undefined, '7…'])
    } finally {
      await end(server)
    }
  })
}
