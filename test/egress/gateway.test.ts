// @timeout 240
// @slow
import { readFileSync } from 'node:fs'
import * as http from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { until } from '../support/runtime-harness.ts'
import { startServer } from '../support/server.ts'
import { httpServer, listening } from './servers.ts'

const test = suite('the network of functions, through a gateway')
const server = await startServer({ FAAS_EGRESS_ALLOW: '127.0.0.1' })

async function deployed(path: string, code: string, limits: object = {}): Promise<void> {
  const { callback_id } = await server.register({ path, code, limits })
  await server.deploy(callback_id)
}

/** A function that fetches what its caller says, and tells what came of it. */
const FETCHES = `export default async (request) => {
  try {
    const response = await fetch(new URL(request.url).searchParams.get('at'))
    return new Response(await response.text())
  } catch (error) {
    return new Response(error.name + ': ' + error.message, { status: 502 })
  }
}`
const fetching = async (path: string, at: string) =>
  (await server.call(`${path}?at=${encodeURIComponent(at)}`)).text()

/** A function that calls the next one until it is told to stop, and counts. */
const calls = (next: string, init = '{}') => `export default async (request) => {
  const response = await fetch(new URL('/api/${next}', request.url), ${init})
  if (response.status === 200) return new Response(String(1 + Number(await response.text())))
  const { code } = await response.json()
  return new Response(code === 'loop_detected' ? '1' : code, { status: code === 'loop_detected' ? 200 : 500 })
}`

test('a function that calls itself is ended at 8', async () => {
  await deployed('itself', calls('itself'))
  assert.is(await (await server.call('itself')).text(), '8')
  assert.is(await (await server.call('itself')).text(), '8', 'and may do it again')
})

test('functions that call one another are ended at 8', async () => {
  await deployed('ping', calls('pong'))
  await deployed('pong', calls('ping'), { concurrency: 1 })
  assert.is(await (await server.call('ping')).text(), '8')
})

for (const [name, init] of Object.entries({
  smaller: '{ headers: { "cdn-loop": "faas-gateway; depth=0" } }',
  twice: '{ headers: [["CDN-Loop", "faas-gateway; depth=0"], ["cdn-loop", "a; b=\\""]] }',
  connection: '{ headers: { connection: "cdn-loop" } }',
  empty: '{ headers: { "cdn-loop": "" } }',
})) {
  test(`a function does not get around it: ${name}`, async () => {
    await deployed(`forges-${name}`, calls(`forges-${name}`, init))
    assert.is(await (await server.call(`forges-${name}`)).text(), '8')
  })
}

for (const [name, start] of Object.entries({
  'wait-until': 'ctx.waitUntil(again())',
  timer: 'setTimeout(again, 20)',
})) {
  test(`a recursion that outlives its calls ends too: ${name}`, async () => {
    let seen = 0
    await using counter = await httpServer((_, response) => {
      seen++
      response.end()
    })
    const code = `export default (request, env, ctx) => {
      const again = async () => {
        await (await fetch('http://127.0.0.1:${counter.port}/')).text()
        await (await fetch(request.url)).text()
      }
      ${start}
      return new Response('on its way')
    }`
    await deployed(`outlives-${name}`, code)
    assert.is(await (await server.call(`outlives-${name}`)).text(), 'on its way')
    await until(() => seen === 8, 'eight calls were made', 10_000)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.is(seen, 8)
  })
}

test('a caller from outside that says it is deep is refused with 508', async () => {
  await deployed('plain', 'export default () => new Response("fine")')
  const refused = await server.call('plain', { headers: { 'cdn-loop': 'faas-gateway; depth=8' } })
  assert.is(refused.status, 508)
  const problem = (await refused.json()) as { code: string; blame: string }
  assert.equal([problem.code, problem.blame], ['loop_detected', 'function'])
  assert.is((await server.call('plain', { headers: { 'cdn-loop': 'faas-gateway; depth=7' } })).status, 200)
})

test('redirects go no further than a request of its own would', async () => {
  await using inner = await httpServer((_, response) => response.end('secret'), '127.0.0.3')
  await using outer = await httpServer((request, response) => {
    const location = decodeURIComponent(request.url!.slice(1))
    response.writeHead(302, { location }).end()
  }, '127.0.0.2')
  await deployed('redirected', FETCHES, { egress_allow: ['127.0.0.2'] })
  const follow = (location: string) =>
    fetching('redirected', `http://127.0.0.2:${outer.port}/${encodeURIComponent(location)}`)
  for (const host of ['127.0.0.3', '2130706435', '0x7f000003', '[::ffff:127.0.0.3]'])
    assert.match(await follow(`http://${host}:${inner.port}/`), 'is not a public address', host)
  const twice = `http://127.0.0.2:${outer.port}/${encodeURIComponent(`http://127.0.0.3:${inner.port}/`)}`
  assert.match(await follow(twice), 'is not a public address')
  for (const location of ['file:///etc/hostname', 'data:text/plain,hello', 'ftp://127.0.0.2/', 'blob:null/1'])
    assert.match(await follow(location), 'TypeError', location)
  assert.is(inner.connections(), 0)
})

test('a callback reaches what its own list names, another does not', async () => {
  await using inner = await httpServer((_, response) => response.end('inner'), '127.0.0.2')
  const url = `http://127.0.0.2:${inner.port}/`
  await deployed('listed', FETCHES, { egress_allow: [`127.0.0.2:${inner.port}`] })
  await deployed('unlisted', FETCHES)
  await deployed('shut', FETCHES, { egress: 'none', egress_allow: ['127.0.0.2'] })
  assert.is(await fetching('listed', url), 'inner')
  assert.match(await fetching('unlisted', url), '127.0.0.2 is not a public address')
  assert.match(await fetching('shut', url), 'limits.egress')
  assert.match(await fetching('shut', `${server.origin}/health`), 'limits.egress')
})

test('a million requests are refused at the limit, and harm nobody', async () => {
  let seen = 0
  await using target = await httpServer((_, response) => {
    seen++
    response.end('x')
  })
  const code = readFileSync(new URL('../fixtures/functions/fetches-in-waves.js', import.meta.url), 'utf8')
  await deployed('million', code, { subrequests: 500 })
  await deployed('burst', code, { subrequests: 500, timeout_ms: 6000 })
  const at = `target=${encodeURIComponent(`http://127.0.0.1:${target.port}/`)}`
  const before = memoryOf(server.pid)
  const response = await server.call(`million?${at}&total=10000&wave=2000`)
  const told = (await response.json()) as { answered: number; refused: number; sentence: string }
  assert.is(told.answered, 500)
  assert.is(told.refused, 9500)
  assert.match(told.sentence, /^TypeError: .*500.*limits\.subrequests/)
  assert.is(seen, 500)
  // All at once: the answer, or the end of its instance.
  const all = await server.call(`burst?${at}`)
  assert.ok([200, 500, 503, 504].includes(all.status), `status ${all.status}: ${await all.text()}`)
  assert.ok(seen <= 1000, `${seen} requests reached the server`)
  assert.is(await (await server.call('plain')).text(), 'fine')
  const again = await server.call(`burst?${at}&total=10`)
  assert.is(((await again.json()) as { answered: number }).answered, 10)
  if (before !== null)
    await until(() => memoryOf(server.pid)! < before + 200, 'the memory is given back', 20_000)
})

test('a socket goes where a request may, and carries the depth', async () => {
  const server = http.createServer()
  const seen: unknown[] = []
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    seen.push(request.headers['cdn-loop'])
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  await using inner = await listening(server, '127.0.0.2')
  const code = `export default (request) => new Promise((resolve) => {
    const socket = new WebSocket(new URL(request.url).searchParams.get('at'))
    socket.onopen = () => socket.send('hello')
    socket.onmessage = ({ data }) => socket.close(1000, data)
    socket.onclose = ({ code, reason, wasClean }) => resolve(Response.json({ code, reason, wasClean }))
  })`
  await deployed('socket', code, { egress_allow: ['127.0.0.2'] })
  await deployed('no-socket', code)
  const at = `ws://127.0.0.2:${inner.port}/`
  assert.equal(JSON.parse(await fetching('socket', at)), { code: 1000, reason: 'hello', wasClean: true })
  assert.equal(seen, ['faas-gateway; depth=1'])
  assert.equal(JSON.parse(await fetching('no-socket', at)), { code: 1006, reason: '', wasClean: false })
  assert.is(inner.connections(), 1)
})

test('with FAAS_EGRESS=none only the operator’s list is open', async () => {
  await using inner = await httpServer((_, response) => response.end('inner'), '127.0.0.2')
  await using closed = await startServer({
    FAAS_EGRESS: 'none',
    FAAS_EGRESS_ALLOW: `127.0.0.2:${inner.port}`,
  })
  const { callback_id } = await closed.register({
    path: 'f',
    code: FETCHES,
    limits: { egress_allow: ['127.0.0.3', 'example.com'] },
  })
  await closed.deploy(callback_id)
  const ask = async (at: string) => (await closed.call(`f?at=${encodeURIComponent(at)}`)).text()
  assert.is(await ask(`http://127.0.0.2:${inner.port}/`), 'inner')
  for (const at of [
    'http://127.0.0.3/',
    'http://example.com/',
    'http://1.1.1.1/',
    `http://127.0.0.2:1${inner.port % 1000}/`,
  ])
    assert.match(await ask(at), 'FAAS_EGRESS=none', at)
})

test.after(async () => {
  await server.kill()
})
test.run()

/** Resident memory of a process in MiB; null where the machine does not tell. */
function memoryOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  } catch {
    return null
  }
}
