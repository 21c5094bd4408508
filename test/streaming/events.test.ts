// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startGateway } from '../clients/gateway.ts'
import { openRaw, requestOf } from '../clients/raw.ts'
import { until } from '../support/runtime-harness.ts'

const EVENTS = 20
const PATIENCE = 20_000

const test = suite('server-sent events')
const gateway = await startGateway()
test.after(async () => {
  await gateway.stop()
})

/** POST sends its body as an event to everyone who listens. */
const BROADCAST = `const listeners = new Set()
const encoder = new TextEncoder()
export default async (request) => {
  if (request.method === 'POST') {
    const event = encoder.encode('data: ' + await request.text() + '\\n\\n')
    for (const listener of listeners) listener.enqueue(event)
    return new Response(String(listeners.size))
  }
  let mine
  const body = new ReadableStream({
    start(controller) { listeners.add(mine = controller) },
    cancel() { listeners.delete(mine) },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}`

const listenersAfter = async (path: string, body: string) =>
  (await gateway.call(path, { method: 'POST', body })).text()

test('each arrives before the next is sent, and a listener that leaves is forgotten', async () => {
  const { path } = await gateway.serve(BROADCAST, { max_instances: 1 })
  const client = await openRaw(gateway.port)
  client.write(requestOf(`GET /api/${path}`))
  // The head comes before there is any event.
  await client.until('content-type: text/event-stream')
  for (let index = 0; index < EVENTS; index++) {
    assert.is(await listenersAfter(path, `event ${index}.`), '1')
    await client.until(`data: event ${index}.\n\n`)
  }
  client.destroy()
  await until(async () => (await listenersAfter(path, 'to nobody')) === '0', 'nobody listens', PATIENCE)
})

test('all listeners of one instance hear the same', async () => {
  const { path } = await gateway.serve(BROADCAST, { max_instances: 1 })
  const clients = await Promise.all(Array.from({ length: 8 }, () => openRaw(gateway.port)))
  for (const client of clients) client.write(requestOf(`GET /api/${path}`))
  for (const client of clients) await client.until('text/event-stream')
  assert.is(await listenersAfter(path, 'to all'), '8')
  for (const client of clients) await client.until('data: to all\n\n')
  for (const client of clients) client.destroy()
})

test('what a generator yields arrives when it is yielded', async () => {
  const { path } = await gateway.serve(
    `let next
    export default async (request) => {
      if (request.method === 'POST') {
        next()
        return new Response('went on')
      }
      async function* words() {
        for (const word of ['one', 'two', 'three']) {
          yield new TextEncoder().encode(word + ';')
          await new Promise((resolve) => { next = resolve })
        }
      }
      return new Response(ReadableStream.from(words()))
    }`,
    { max_instances: 1 },
  )
  const client = await openRaw(gateway.port)
  client.write(requestOf(`GET /api/${path}`))
  for (const word of ['one', 'two', 'three']) {
    await client.until(`${word};`)
    assert.is(await listenersAfter(path, ''), 'went on')
  }
  await client.until('0\r\n\r\n')
  client.destroy()
})

test.run()
