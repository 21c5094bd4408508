// @timeout 240
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startGateway } from '../clients/gateway.ts'
import { until } from '../support/runtime-harness.ts'
import { isPattern, PATTERN_CODE } from './pattern.ts'
import { answerOf, open, send } from './transfer.ts'

const GIB = 1_073_741_824
/** What may be under way between the function and a client that stands still: windows, and buffers of sockets. */
const UNDER_WAY = 33_554_432
const STILL_FOR = 1000
const PATIENCE = 60_000
const LIMITS = { max_instances: 1 }

const test = suite('a slow end holds back the other')
const gateway = await startGateway()
const { port } = gateway
test.after(async () => {
  await gateway.stop()
})

/** Waits until a number has not changed for a while. */
async function standsStill(read: () => number | Promise<number>): Promise<number> {
  let last = -1
  let since = Date.now()
  await until(
    async () => {
      const now = await read()
      if (now !== last) since = Date.now()
      last = now
      return now > 0 && Date.now() - since > STILL_FOR
    },
    'it stood still',
    PATIENCE,
  )
  return last
}

async function ask(path: string): Promise<string> {
  return (await gateway.call(path)).text()
}

test('a reader that stops: the function is not asked for more, and goes on where it was', async () => {
  const { path } = await gateway.serve(
    `${PATTERN_CODE}
    let pulled = 0
    export default (request) => {
      if (request.url.endsWith('pulled')) return new Response(String(pulled))
      return new Response(new ReadableStream({
        pull(controller) {
          controller.enqueue(pattern.slice())
          pulled += pattern.length
          if (pulled > ${2 * UNDER_WAY}) controller.close()
        },
      }))
    }`,
    LIMITS,
  )
  const outgoing = open({ port, path })
  outgoing.end()
  const answer = await answerOf(outgoing)
  answer.pause()
  const held = await standsStill(async () => Number(await ask(`${path}?pulled`)))
  assert.ok(held < UNDER_WAY, `${held} bytes were pulled for a reader that takes none`)
  let bytes = 0
  let intact = true
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    intact &&= isPattern(piece, bytes)
    bytes += piece.length
  }
  assert.ok(intact)
  assert.is(bytes, Number(await ask(`${path}?pulled`)), 'every byte that was pulled arrived')
})

test('a handler that does not read: the sender is held back', async () => {
  const { path } = await gateway.serve(
    `let go
    const gone = new Promise((resolve) => { go = resolve })
    export default async (request) => {
      if (request.url.endsWith('go')) {
        go()
        return new Response('gone')
      }
      const reader = request.body.getReader()
      let bytes = (await reader.read()).value.length
      await gone
      for (let step = await reader.read(); !step.done; step = await reader.read()) bytes += step.value.length
      return new Response(String(bytes))
    }`,
    LIMITS,
  )
  const outgoing = open({ port, path, up: 2 * UNDER_WAY })
  const answer = answerOf(outgoing)
  let sent = 0
  const sending = send(outgoing, 2 * UNDER_WAY, (bytes) => {
    sent = bytes
  })
  const held = await standsStill(() => sent)
  assert.ok(held < UNDER_WAY, `${held} bytes were taken for a handler that reads none`)
  assert.is(await ask(`${path}?go`), 'gone')
  await sending
  let text = ''
  for await (const piece of await answer) text += piece
  assert.is(text, String(2 * UNDER_WAY))
})

test('a client that stops sending keeps a call open, and no other one waits for it', async () => {
  const { path, inFlight } = await gateway.serve(
    `export default async (request) => {
      let bytes = 0
      for await (const piece of request.body ?? []) bytes += piece.length
      return new Response(String(bytes))
    }`,
    { max_instances: 1, concurrency: 2 },
  )
  const slow = open({ port, path, chunked: true, up: GIB })
  slow.on('error', () => undefined)
  slow.write('some of it')
  await until(async () => (await inFlight()) === 1, 'the call is open', PATIENCE)
  assert.is(await ask(path), '0')
  slow.destroy()
  await until(async () => (await inFlight()) === 0, 'the call is over', PATIENCE)
})

test.run()
