// @slow
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runClosedLoop } from '../../../bench/load/closed-loop.ts'
import { startLoadGenerator } from '../../../bench/load/generator.ts'
import { requestBytes } from '../../../bench/load/plan.ts'

const test = suite('closed loop')
const HOST = '127.0.0.1'

/** Serves while the test looks on; every connection is gone afterwards. */
async function serving(server: Server, run: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  try {
    await run((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

function http(listener: RequestListener): Server {
  return createHttpServer(listener)
}

/** The sentence that a load was refused with. */
function refusal(load: Promise<unknown>): Promise<string> {
  return load.then(
    () => 'it ran',
    (error: Error) => error.message,
  )
}

function plan(port: number, connections = 4, durationMs = 200) {
  return { host: HOST, port, path: '/x', connections, durationMs, leadMs: 50 }
}

test('each connection asks again when it is answered, over the same socket', async () => {
  let sockets = 0
  let underWay = 0
  let most = 0
  let asked = 0
  const server = http((request, response) => {
    asked++
    most = Math.max(most, ++underWay)
    assert.is(request.url, '/x')
    setTimeout(() => {
      underWay--
      response.end('hi')
    }, 2)
  })
  server.on('connection', () => sockets++)
  await serving(server, async (port) => {
    const report = await runClosedLoop(plan(port, 8))
    assert.is(sockets, 8)
    assert.is(most, 8)
    assert.is(report.ended, asked)
    assert.is(report.failures, 0)
    assert.equal(report.statuses, { 200: report.requests })
    assert.ok(report.requests > 0 && report.requests < asked, 'the lead is not counted')
    assert.ok(report.rps > 0 && report.rps <= report.requests / 0.2)
    assert.ok(report.latency.min >= 1 && report.latency.p50 <= report.latency.p99, JSON.stringify(report))
  })
})

test('statuses are counted, and those from 400 on are failures', async () => {
  let turn = 0
  const server = http((_, response) => {
    response.statusCode = [200, 404, 503][turn++ % 3]!
    response.end('body')
  })
  await serving(server, async (port) => {
    const { statuses, failures, requests } = await runClosedLoop(plan(port, 3))
    assert.equal(Object.keys(statuses), ['200', '404', '503'])
    assert.is(failures, (statuses[404] ?? 0) + (statuses[503] ?? 0))
    assert.is(requests, failures + (statuses[200] ?? 0))
  })
})

test('an answer that comes after the time is up still counts among the latencies, not in the rate', async () => {
  const slow = http((_, response) => setTimeout(() => response.end('late'), 400))
  await serving(slow, async (port) => {
    const report = await runClosedLoop({ ...plan(port, 2, 100), leadMs: 0 })
    assert.is(report.rps, 0)
    assert.is(report.requests, 2)
    assert.is(report.failures, 0)
    assert.ok(report.latency.min >= 390, JSON.stringify(report.latency))
  })
})

test('a server that hangs up is reported, and asked again', async () => {
  let connections = 0
  const server = createSocketServer((socket) => {
    connections++
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'))
  })
  await serving(server, async (port) => {
    const { errors, failures, requests, rps } = await runClosedLoop(plan(port, 1))
    assert.ok(connections > 1)
    assert.is(rps, 0)
    assert.ok(failures > 0 && failures === requests)
    assert.equal(Object.keys(errors), ['closed in the middle of an answer'])
  })
})

test('a server that closes after each answer gets a new connection each time', async () => {
  let connections = 0
  const server = http((_, response) => {
    response.setHeader('connection', 'close')
    response.end('bye')
  })
  server.on('connection', () => connections++)
  await serving(server, async (port) => {
    const { failures, ended } = await runClosedLoop(plan(port, 2))
    assert.is(failures, 0)
    assert.is(connections, ended)
    assert.ok(ended > 2)
  })
})

test('where nothing listens every request fails, and the loop ends in time', async () => {
  let port = 0
  await serving(
    http(() => undefined),
    async (free) => {
      port = free
    },
  )
  const { errors, rps, requests, failures } = await runClosedLoop(plan(port, 2))
  assert.is(rps, 0)
  assert.is(failures, requests)
  assert.equal(Object.keys(errors), ['ECONNREFUSED'])
})

test('a plan that leaves the machine or has no bounds is refused', async () => {
  assert.match(
    await refusal(runClosedLoop({ ...plan(1), host: 'example.com' })),
    /must be a loopback address/,
  )
  assert.match(await refusal(runClosedLoop({ ...plan(1), connections: 0 })), /Cannot open 0 connections/)
  const endless = { ...plan(1), durationMs: Number.POSITIVE_INFINITY }
  assert.match(await refusal(runClosedLoop(endless)), /Cannot load for 50 \+ Infinity ms/)
  assert.throws(() => requestBytes({ ...plan(1), method: 'HEAD' }), /Cannot send HEAD/)
})

test('a request has what HTTP wants of it', () => {
  const bytes = requestBytes({ ...plan(81), method: 'POST', headers: { 'x-a': '1' }, body: '{"a":"ä"}' })
  const [head, body] = bytes.toString().split('\r\n\r\n')
  assert.equal(head?.split('\r\n'), [
    'POST /x HTTP/1.1',
    'host: 127.0.0.1:81',
    'user-agent: faas-bench',
    'accept: */*',
    'x-a: 1',
    'content-length: 10',
  ])
  assert.is(body, '{"a":"ä"}')
})

test('the generator works in a process of its own, which ends with it', async () => {
  const server = http((_, response) => response.end('hi'))
  await serving(server, async (port) => {
    const generator = startLoadGenerator()
    const report = await generator.run(plan(port))
    assert.ok(report.rps > 0 && report.generatorLoad > 0, JSON.stringify(report))
    const refused = refusal(generator.run({ ...plan(port), connections: -1 }))
    assert.match(await refused, /Cannot open -1 connections/)
    await generator[Symbol.asyncDispose]()
    assert.throws(() => process.kill(generator.pid, 0), /ESRCH/)
  })
})

test.run()
