// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { problemIn, startGateway } from './gateway.ts'
import { exchange, openRaw, type RawClient, requestOf } from './raw.ts'

const test = suite('clients that are no good at sending a body')
const gateway = await startGateway({ FAAS_MAX_CALL_BODY_BYTES: '4000000' })
const READS = `let calls = 0
  export default async (request) => new Response(\`\${++calls}:\${(await request.text()).length}\`)`
const PATIENCE = 20_000
const ONE = { concurrency: 1, max_instances: 1 }
const { port } = gateway
const onDeno = 'Deno' in globalThis

/** Deno's server says that it closes and then waits for the rest of the body: there the client has to go. */
async function untilClosed(client: RawClient): Promise<void> {
  if (onDeno) client.destroy()
  await client.closed
}

for (const [name, length, body] of [
  ['a short body', 10, 'abc'],
  ['half a megabyte', 500_000, 'x'.repeat(70_000)],
] as const) {
  test(`one that never ends ${name} gets 408, and holds no instance meanwhile`, async () => {
    const served = await gateway.serve(READS, ONE)
    const slow = await openRaw(port)
    slow.write(requestOf(`POST /api/${served.path}`, [`content-length: ${length}`], body))
    const other = await gateway.call(served.path, { method: 'POST', body: 'other' })
    assert.is(await other.text(), '1:5', 'the only instance was free')
    const answer = await slow.answer()
    assert.is(answer.status, 408)
    assert.is(answer.headers.get('content-type'), 'application/problem+json')
    const problem = problemIn(answer.body)
    assert.equal([problem.code, problem.blame], ['body_timeout', 'caller'])
    await untilClosed(slow)
    assert.is(await (await gateway.call(served.path, { method: 'POST', body: 'next' })).text(), '2:4')
    await gateway.alive('a slow body')
  })
}

test('one that takes longer than the function may: its time begins when the body is there', async () => {
  const served = await gateway.serve(READS, { ...ONE, timeout_ms: 400 })
  const slow = await openRaw(port)
  slow.write(requestOf(`POST /api/${served.path}`, ['content-length: 100000'], 'x'.repeat(50_000)))
  for (let left = 50_000; left > 0; left -= 10_000) {
    await new Promise((resolve) => setTimeout(resolve, 150))
    slow.write('x'.repeat(10_000))
  }
  const answer = await slow.answer()
  assert.equal([answer.status, answer.body], [200, '1:100000'])
  slow.destroy()
})

for (const [name, headers, body] of [
  ['a large body', ['content-length: 2000000'], 'x'.repeat(70_000)],
  ['a chunked body', ['transfer-encoding: chunked'], '5\r\nhello\r\n'],
] as const) {
  test(`one that stops in the middle of ${name} gets 408 and gives its instance back`, async () => {
    const served = await gateway.serve(READS, ONE)
    const slow = await openRaw(port)
    slow.write(requestOf(`POST /api/${served.path}`, headers, body))
    const answer = await slow.answer()
    assert.is(answer.status, 408)
    assert.is(problemIn(answer.body).code, 'body_timeout')
    await untilClosed(slow)
    await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
    const next = await gateway.call(served.path, { method: 'POST', body: 'next' })
    assert.is(await next.text(), '2:4', 'the instance was kept')
    await gateway.alive(name)
  })
}

for (const [name, headers, body] of [
  ['a short body', ['content-length: 10'], 'abc'],
  ['a large body', ['content-length: 2000000'], 'x'.repeat(70_000)],
  ['a chunked body', ['transfer-encoding: chunked'], '5\r\nhello\r\n'],
] as const) {
  test(`one that hangs up in the middle of ${name} leaves nothing behind`, async () => {
    const served = await gateway.serve(READS, ONE)
    const rude = await openRaw(port)
    const id = `rude-${name.replaceAll(' ', '-')}`
    rude.write(requestOf(`POST /api/${served.path}`, [`x-request-id: ${id}`, ...headers], body))
    await new Promise((resolve) => setTimeout(resolve, 50))
    rude.destroy()
    await until(
      async () => (await served.invocations()).some((row) => row.request_id === id),
      'it was recorded',
      PATIENCE,
    )
    const row = (await served.invocations()).find((entry) => entry.request_id === id)
    assert.equal([row?.status, row?.outcome], [499, 'aborted'])
    await until(async () => (await served.inFlight()) === 0, 'the instance is free', PATIENCE)
    const next = await gateway.call(served.path, { method: 'POST', body: 'next' })
    assert.match(await next.text(), /^[12]:4$/)
    await gateway.alive(name)
  })
}

test('one that announces too much gets 413 at once, and the connection ends however much it sends', async () => {
  const served = await gateway.serve(READS)
  const client = await openRaw(port)
  client.write(requestOf(`POST /api/${served.path}`, ['content-length: 4000001']))
  const answer = await client.answer()
  assert.is(answer.status, 413)
  assert.is(problemIn(answer.body).code, 'body_too_large')
  const more = setInterval(() => client.write('x'.repeat(1000)), 20)
  await untilClosed(client)
  clearInterval(more)
  await gateway.alive('too large a body')
})

test('lengths that contradict each other are refused and smuggle nothing in', async () => {
  const served = await gateway.serve(READS)
  const inner = requestOf(`GET /api/${served.path}?smuggled`)
  for (const headers of [
    ['content-length: 4', 'content-length: 5'],
    ['content-length: 4', 'transfer-encoding: chunked'],
    ['content-length: -1'],
    ['content-length: +4'],
    ['content-length: 4, 5'],
    ['content-length: 0x4'],
    ['content-length: 99999999999999999999999'],
    ['transfer-encoding: chunked, identity'],
    ['transfer-encoding: xchunked'],
  ]) {
    const client = await openRaw(port)
    client.write(requestOf(`POST /api/${served.path}`, headers, `0\r\n\r\n${inner}`))
    const answer = await client.answer().catch(() => null)
    const what = headers.join(' and ')
    if (answer !== null) assert.ok([400, 411, 413, 501].includes(answer.status), `${what}: ${answer.status}`)
    const smuggled = await client.answer().catch(() => null)
    assert.is(smuggled, null, `${what}: a second answer came`)
    client.destroy()
  }
  const answered = (await served.invocations()).filter((row) => row.outcome === 'answered')
  assert.equal(answered, [], 'no request reached the function whole')
  await gateway.alive('contradicting lengths')
})

test('GET and HEAD with a body: the body is ignored, the next request on the connection is not', async () => {
  const served = await gateway.serve('export default (request) => new Response(request.url.split("?")[1])')
  for (const method of ['GET', 'HEAD']) {
    const client = await openRaw(port)
    client.write(requestOf(`${method} /api/${served.path}?first`, ['content-length: 5'], 'hello'))
    const first = await client.answer({ head: method === 'HEAD' })
    assert.equal([first.status, first.body], [200, method === 'HEAD' ? '' : 'first'])
    client.write(requestOf(`GET /api/${served.path}?second`))
    const second = await client.answer().catch(() => null)
    if (second !== null) assert.equal([second.status, second.body], [200, 'second'])
    client.destroy()
  }
  await gateway.alive('GET with a body')
})

test('one that waits for 100-continue is told to go on', async () => {
  const served = await gateway.serve(READS)
  const client = await openRaw(port)
  client.write(requestOf(`POST /api/${served.path}`, ['content-length: 3', 'expect: 100-continue']))
  await client.until('HTTP/1.1 100')
  client.write('abc')
  assert.is((await client.answer()).body, '1:3')
  client.destroy()
})

test('chunks that are no chunks are refused', async () => {
  const served = await gateway.serve(READS)
  for (const body of [
    'zz\r\nhello\r\n0\r\n\r\n',
    '5\r\nhelloworld\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    'ffffffffffffffffff\r\nx',
  ]) {
    const client = await openRaw(port)
    client.write(requestOf(`POST /api/${served.path}`, ['transfer-encoding: chunked'], body))
    const answer = await client.answer().catch(() => null)
    if (answer !== null) assert.ok(answer.status >= 400 && answer.status < 500, `${body}: ${answer.status}`)
    client.destroy()
  }
  await gateway.alive('bad chunks')
})

test('a body that the function does not read ends no connection before its answer', async () => {
  const served = await gateway.serve('export default () => new Response("early")')
  const answer = await exchange(
    port,
    requestOf(`POST /api/${served.path}`, ['content-length: 2000000'], 'x'.repeat(2_000_000)),
  )
  assert.equal([answer.status, answer.body], [200, 'early'])
  await gateway.alive('an unread body')
})

test('a client that drips its body past the limit costs nobody else an instance', async () => {
  const served = await gateway.serve(
    `export default async (request) => {
      if (request.method === 'GET') await new Promise((resolve) => setTimeout(resolve, 900))
      else await request.text()
      return new Response('answered')
    }`,
    { timeout_ms: 1200 },
  )
  const client = await openRaw(port)
  client.write(requestOf(`POST /api/${served.path}`, ['content-length: 2000000']))
  let open = true
  const drip = (async () => {
    while (open) {
      client.write('x'.repeat(100))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  const others: string[] = []
  const answer = client.answer().finally(() => {
    open = false
  })
  while (open) {
    const response = await fetch(`http://127.0.0.1:${port}/api/${served.path}`)
    others.push(`${response.status} ${await response.text()}`)
  }
  await drip
  assert.is((await answer).status, 408)
  client.destroy()
  assert.ok(others.length > 0)
  assert.equal(new Set(others), new Set(['200 answered']))
})

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await gateway.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await gateway.kill()
})
test.run()
