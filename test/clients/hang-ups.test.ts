// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { startGateway } from './gateway.ts'
import { openRaw, requestOf } from './raw.ts'

const test = suite('clients that hang up')
const gateway = await startGateway()
const PATIENCE = 20_000
const { port } = gateway

const LISTENS = `export default (request, env, ctx) => new Promise((resolve) => {
  console.log('running')
  request.signal.addEventListener('abort', () => {
    console.log('heard: ' + request.signal.reason.name)
    resolve(new Response('late'))
  })
})`

test('while the handler runs: its signal aborts and the call is recorded as 499', async () => {
  const served = await gateway.serve(LISTENS, { max_instances: 1 })
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`, ['x-request-id: gone-1']))
  await served.untilLogged('running')
  client.destroy()
  await served.untilLogged('heard: AbortError')
  await until(async () => (await served.invocations()).length === 1, 'it was recorded', PATIENCE)
  const [row] = await served.invocations()
  assert.equal([row?.request_id, row?.status, row?.outcome], ['gone-1', 499, 'aborted'])
  assert.is(await served.inFlight(), 0)
  await gateway.alive('a hang-up under the handler')
})

test('while the handler reads the body', async () => {
  const served = await gateway.serve(`export default async (request) => {
    try {
      for await (const piece of request.body) console.log('piece')
    } catch (error) {
      console.log('broke: ' + error.name)
    }
    return new Response('late')
  }`)
  const client = await openRaw(port)
  client.write(requestOf(`POST /api/${served.path}`, ['transfer-encoding: chunked'], '5\r\nhello\r\n'))
  await served.untilLogged('piece')
  client.destroy()
  await served.untilLogged('broke: AbortError')
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
  await gateway.alive('a hang-up under the body')
})

test('while the answer streams: the stream is cancelled', async () => {
  const served = await gateway.serve(`export default () => new Response(new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      controller.enqueue(new TextEncoder().encode('piece'))
    },
    cancel() { console.log('cancelled') },
  }))`)
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`))
  await client.until('piece')
  client.destroy()
  await served.untilLogged('cancelled')
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
  await gateway.alive('a hang-up under the answer')
})

test('while it waits in the queue: it never reaches the function', async () => {
  const served = await gateway.serve(LISTENS, { concurrency: 1, max_instances: 1 })
  const first = await openRaw(port)
  first.write(requestOf(`GET /api/${served.path}`, ['x-request-id: first']))
  await served.untilLogged('running')
  const second = await openRaw(port)
  second.write(requestOf(`GET /api/${served.path}`, ['x-request-id: second']))
  await new Promise((resolve) => setTimeout(resolve, 100))
  second.destroy()
  await until(
    async () => (await served.invocations()).some((row) => row.request_id === 'second' && row.status === 499),
    'the one in the queue was recorded',
    PATIENCE,
  )
  first.destroy()
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
  const logs = (await (await gateway.api(`/callbacks/${served.id}/logs`)).json()) as { message: string }[]
  assert.is(logs.filter((line) => line.message === 'running').length, 1)
  await gateway.alive('a hang-up in the queue')
})

test('after the answer: what waitUntil was given goes on, and its signal does not abort', async () => {
  const served = await gateway.serve(`export default { fetch(request, env, ctx) {
    request.signal.addEventListener('abort', () => console.log('aborted'))
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 300)).then(() => console.log('done: ' + request.signal.aborted)))
    return new Response('now')
  } }`)
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`))
  assert.is((await client.answer()).body, 'now')
  client.destroy()
  await served.untilLogged('done: false')
  await gateway.alive('a hang-up after the answer')
})

test('half closed: a client that has said all it will say still gets its answer', async () => {
  const served = await gateway.serve(
    'export default () => new Promise((resolve) => setTimeout(resolve, 50, new Response("for the patient")))',
  )
  const client = await openRaw(port)
  client.socket.end(requestOf(`GET /api/${served.path}`, ['connection: close']))
  const answer = await client.answer().catch(() => null)
  if (answer !== null) assert.equal([answer.status, answer.body], [200, 'for the patient'])
  await client.closed
  await gateway.alive('a half-closed connection')
})

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await gateway.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await gateway.kill()
})
test.run()
