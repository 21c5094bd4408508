// @node
// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE } from '../../../src/runtime/wire.ts'
import { startNode } from './node-guest.ts'

const test = suite('what a function can be on a whole Node')

test('a handler of events, in both module formats', async () => {
  await using es = await startNode(
    'export async function lambda_handler(event, context) { return { path: event.pathParameters.id, body: event.body, left: context.getRemainingTimeInMillis() > 0 } }',
  )
  assert.equal(es.hello?.language, 'node')
  assert.match(es.hello!.version, /^\d+\.\d+\.\d+/)
  const headers: [string, string][] = [['content-type', 'application/json']]
  assert.equal(await es.json({ headers }, '{"a":1}'), { path: '42', body: { a: 1 }, left: true })
  await using cjs = await startNode('exports.handler = (event) => event.httpMethod')
  assert.is(await cjs.json({ method: 'PUT' }), 'PUT')
})

test('web-standard fetch, with env, ctx and a streamed body both ways', async () => {
  await using guest = await startNode(
    `export default { fetch(request, env) {
    return new Response(request.body, { status: 201, headers: { town: env.TOWN, url: request.url } })
  } }`,
    { env: { TOWN: 'Bern' } },
  )
  const reply = await guest.call({}, 'ping')
  assert.is(reply.answer?.status, 201)
  assert.is(reply.body.toString(), 'ping')
  const headers = new Headers(reply.answer!.headers)
  assert.is(headers.get('town'), 'Bern')
  assert.is(headers.get('url'), 'http://localhost/api/things/42?a=1')
})

test('addEventListener("fetch"), where the code names it; elsewhere there is no such global', async () => {
  await using guest = await startNode(
    'addEventListener("fetch", (event) => event.respondWith(new Response("heard " + new URL(event.request.url).search)))',
  )
  assert.is((await guest.call()).body.toString(), 'heard ?a=1')
  await using without = await startNode(
    "exports.handler = () => typeof globalThis[['addEvent', 'Listener'].join('')]",
  )
  assert.is(await without.json(), 'undefined')
})

test('the whole Node: no stand-ins, no traces of how it was started', async () => {
  await using guest = await startNode(`
    import { createServer } from 'node:http'
    import { readFileSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    export const handler = async () => {
      const server = createServer((request, response) => response.end('from ' + request.url)).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const text = await (await fetch('http://127.0.0.1:' + server.address().port + '/x')).text()
      server.close()
      const worker = new Worker("require('node:worker_threads').parentPort.postMessage(6 * 7)", { eval: true })
      const answer = await new Promise((resolve) => worker.once('message', resolve))
      return {
        text, answer, self: readFileSync(import.meta.filename, 'utf8').includes('createServer'),
        globals: ['module', 'exports', 'require', 'fs'].filter((name) => name in globalThis),
        argv: process.argv.length, execArgv: process.execArgv, main: import.meta.main === true,
        native: [fetch, Response, WebSocket].every((value) => /native code|class|internal|async function/.test(String(value))),
      }
    }`)
  const found = await guest.json<Record<string, unknown>>()
  assert.equal(found, {
    text: 'from /x',
    answer: 42,
    self: true,
    globals: [],
    argv: 2,
    execArgv: [],
    main: false,
    native: true,
  })
})

test('the environment: what programs need, the function’s own, and production unless it says otherwise', async () => {
  const code =
    'exports.handler = () => [process.env.A, process.env.NODE_ENV, typeof process.env.PATH, new Date(0).getHours()]'
  await using guest = await startNode(code, { env: { A: '1', TZ: 'Asia/Tokyo' } })
  assert.equal(await guest.json(), ['1', 'production', 'string', 9])
  await using other = await startNode(code, { env: { NODE_ENV: 'test' } })
  assert.equal((await other.json<unknown[]>()).slice(0, 2), [null, 'test'])
})

test('waitUntil outlives the answer', async () => {
  await using guest = await startNode(`export default { fetch(request, env, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 30)).then(() => console.log('later')))
    return new Response('now')
  } }`)
  const call = guest.open()
  const reply = await call.over
  assert.is(reply.answer?.pending, true)
  assert.is(reply.done, true)
  assert.equal(guest.lines(`r${call.id}`), ['later'])
})

test('a module that cannot be used fails the start and says why', async () => {
  await using none = await startNode('export const nothing = 1')
  assert.is(none.startFailed?.kind, 'no_handler')
  await using threw = await startNode(
    'const go = () => { throw new TypeError("at load") }\ngo()\nexport const handler = 1',
  )
  assert.is(threw.startFailed?.kind, 'threw')
  assert.is(threw.startFailed?.name, 'TypeError')
  assert.match(threw.startFailed!.stack, /^TypeError: at load\n {4}at go \(main\.js:\d+:\d+\)/)
  await using late = await startNode(
    'setTimeout(() => { throw new Error("while loading") }, 5); await new Promise(() => setInterval(() => {}, 1000)); export const handler = 1',
  )
  assert.is(late.startFailed?.message, 'while loading')
  await using awaited = await startNode('const n = await Promise.resolve(5); export const handler = () => n')
  assert.is(await awaited.json(), 5)
})

test('messages for calls that are over mean nothing; KILL is not for this guest', async () => {
  await using guest = await startNode('exports.handler = () => 1')
  const call = guest.open()
  await call.over
  for (const type of [TYPE.DATA, TYPE.END, TYPE.RESET, TYPE.KILL]) call.send(type, '', 'x')
  guest.open().send(TYPE.KILL, 'timeout')
  assert.is(await guest.json(), 1)
})

test('the end of its input ends it at once, whatever the function keeps open', async () => {
  const guest = await startNode(
    'import net from "node:net"; net.createServer().listen(0, "127.0.0.1"); setInterval(() => {}, 10); process.on("exit", () => { for (;;); }); export const handler = () => process.pid',
  )
  const pid = await guest.json<number>()
  assert.is(await guest.stop(), 0)
  assert.not.ok((await import('node:fs')).existsSync(`/proc/${pid}`))
})

test.run()
