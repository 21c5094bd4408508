// @slow
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startGateway } from '../clients/gateway.ts'
import { openRaw, requestOf } from '../clients/raw.ts'
import { until } from '../support/runtime-harness.ts'

const PATIENCE = 20_000

const test = suite('what ends when the caller hangs up, and what goes on')
const gateway = await startGateway({ FAAS_EGRESS: 'all' })
const { port } = gateway
test.after(async () => {
  await gateway.stop()
})

/** A server that never answers in full, and what became of the requests it was sent. */
async function silentServer(begin: boolean) {
  const seen = { open: 0, closed: 0 }
  const server = createServer((request, response) => {
    seen.open++
    request.resume()
    response.on('close', () => seen.closed++)
    if (begin) response.write('the beginning')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    seen,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a fetch with the signal of the request is given up, up to the server that it waits for', async () => {
  await using silent = await silentServer(false)
  const served = await gateway.serve(`export default async (request) => {
    try {
      return await fetch('${silent.origin}', { signal: request.signal })
    } catch (error) {
      console.log('gave up: ' + error.name)
      throw error
    }
  }`)
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`))
  await until(() => silent.seen.open === 1, 'the server was asked', PATIENCE)
  client.destroy()
  await served.untilLogged('gave up: AbortError')
  await until(() => silent.seen.closed === 1, 'the server lost its client', PATIENCE)
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
})

test('an answer that passes another one on lets go of it', async () => {
  await using silent = await silentServer(true)
  const served = await gateway.serve(`export default async () => {
    const { body } = await fetch('${silent.origin}')
    return new Response(body)
  }`)
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`))
  await client.until('the beginning')
  client.destroy()
  await until(() => silent.seen.closed === 1, 'the server lost its client', PATIENCE)
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
})

test('a stream that waits for something is cancelled while it waits', async () => {
  const served = await gateway.serve(`export default (request) => {
    let tell
    const hung = new Promise((resolve) => { tell = resolve })
    request.signal.addEventListener('abort', () => tell('signal'))
    let begun = false
    return new Response(new ReadableStream({
      async pull(controller) {
        if (!begun) {
          begun = true
          controller.enqueue(new TextEncoder().encode('first'))
          return
        }
        console.log('ended by ' + await hung)
      },
      cancel() { console.log('cancelled') },
    }))
  }`)
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}`))
  await client.until('first')
  client.destroy()
  await served.untilLogged('cancelled')
  await served.untilLogged('ended by signal')
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
})

test('an echo ends in both directions', async () => {
  const served = await gateway.serve('export default (request) => new Response(request.body)')
  const client = await openRaw(port)
  client.write(requestOf(`POST /api/${served.path}`, ['transfer-encoding: chunked'], '5\r\nhello\r\n'))
  await client.until('hello')
  client.destroy()
  await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
  await gateway.alive('a hang-up in the middle of an echo')
})

test('waitUntil goes on after a whole answer, a streamed one and a hang-up', async () => {
  const served = await gateway.serve(`let finish
    export default async (request, env, ctx) => {
      const how = new URL(request.url).searchParams.get('how')
      if (how === 'finish') {
        finish()
        return new Response('finished')
      }
      const finished = new Promise((resolve) => { finish = resolve })
      ctx.waitUntil(finished.then(() => console.log('after ' + how)))
      if (how === 'whole') return new Response('whole')
      if (how === 'streamed') return new Response(new Blob(['streamed']).stream())
      console.log('waiting')
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
      console.log('hung up')
      return new Response('late')
    }`)
  for (const how of ['whole', 'streamed']) {
    const answer = await gateway.call(`${served.path}?how=${how}`)
    assert.is(await answer.text(), how)
    assert.is(await served.inFlight(), 1, 'the work that is left holds its call open')
    await gateway.call(`${served.path}?how=finish`)
    await served.untilLogged(`after ${how}`)
    await until(async () => (await served.inFlight()) === 0, 'the call is over', PATIENCE)
  }
  const client = await openRaw(port)
  client.write(requestOf(`GET /api/${served.path}?how=gone`))
  await served.untilLogged('waiting')
  client.destroy()
  await served.untilLogged('hung up')
  await gateway.call(`${served.path}?how=finish`)
  await served.untilLogged('after gone')
  await until(async () => (await served.inFlight()) === 0, 'the call is over', PATIENCE)
  await until(
    async () => (await served.invocations()).some((row) => row.status === 499),
    'the call was recorded as given up',
    PATIENCE,
  )
})

test('waitUntil beyond the limit ends with its instance', async () => {
  const served = await gateway.serve(
    `export default (request, env, ctx) => {
      ctx.waitUntil(new Promise(() => undefined))
      return new Response('answered')
    }`,
    { timeout_ms: 300 },
  )
  assert.is(await (await gateway.call(served.path)).text(), 'answered')
  const reasons = async () => {
    const answer = await gateway.api(`/callbacks/${served.id}/instances`)
    return ((await answer.json()) as { ended: { reason: string }[] }).ended.map(({ reason }) => reason)
  }
  await until(async () => (await reasons()).includes('timeout'), 'it was ended', PATIENCE)
  assert.is(await (await gateway.call(served.path)).text(), 'answered')
})

test.run()
