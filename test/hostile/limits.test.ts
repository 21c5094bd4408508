// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import { fixture } from './case.ts'
import { eventually } from './judge.ts'

const test = suite('limits over HTTP')
const server = await startServer({ FAAS_ISOLATE_HOSTS: '1' })
/** Refused, or ended: the isolate's own limit decides by what it finds when it collects garbage. */
const REFUSED = /^ok,RangeError$|"reason":"memory"/
let next = 1

async function deploy(code: string, limits: Readonly<Record<string, unknown>>) {
  const { callback_id, path } = await server.register({ path: `limited-${next++}`, code, limits })
  await server.deploy(callback_id, 'isolate')
  return { id: callback_id, path }
}

interface Line {
  readonly message: string
  readonly level: string
  readonly request_id: string | null
}

async function logs(id: number): Promise<Line[]> {
  return (await (await server.api(`/callbacks/${id}/logs?limit=1000`)).json()) as Line[]
}

test('a kill is in the ledger with the last lines, and in the metrics', async () => {
  const { id, path } = await deploy(fixture('prints-then-loops'), { timeout_ms: 500 })
  const answer = await server.call(path, { headers: { 'x-request-id': 'the-last-call' } })
  assert.is(answer.status, 504)
  const exit = await eventually(async () => {
    const list = await (await server.api(`/callbacks/${id}/instances`)).json()
    return (list as { ended: Record<string, unknown>[] }).ended.find(({ reason }) => reason === 'timeout')
  }, 'the exit')
  assert.is(exit.limit, 500)
  assert.ok(Number(exit.used) >= 500, String(exit.used))
  assert.equal(
    (exit.last_logs as Line[]).map(({ message, level, request_id }) => [message, level, request_id]),
    [
      ['first', 'info', 'the-last-call'],
      ['second', 'info', 'the-last-call'],
    ],
  )
  const metrics = await (await server.api('/metrics')).text()
  assert.match(
    metrics,
    new RegExp(`^faas_function_kills_total{function_name="${path}",reason="timeout"} 1$`, 'm'),
  )
  assert.match(metrics, /^faas_instance_exits_total{runtime="isolate",reason="timeout"} [1-9]/m)
})

test('memory that creeps from call to call meets the limit', async () => {
  const { path } = await deploy(fixture('memory-creeps'), { memory_mb: 64 })
  let refused = 0
  for (let call = 0; call < 10; call++) {
    const answer = await server.call(path)
    const text = await answer.text()
    if (answer.status === 200) assert.ok(Number(text) <= 4, `${text} times 16 MB fit into 64`)
    else refused++
  }
  assert.ok(refused > 0, 'some call was one too many')
  assert.is((await server.call(`${path}?calm`)).status, 200)
})

test('buffers, WebAssembly and resizable buffers count together', async () => {
  const { path } = await deploy(
    `const MB = 1048576
    const kept = []
    const take = {
      buffer: (mb) => new Uint8Array(mb * MB),
      wasm: (mb) => new WebAssembly.Memory({ initial: mb * 16 }),
      grown: (mb) => { const memory = new WebAssembly.Memory({ initial: 1 }); memory.grow(mb * 16); return memory },
      resizable: (mb) => new ArrayBuffer(mb * MB, { maxByteLength: 2 * mb * MB }),
      shared: (mb) => { const buffer = new SharedArrayBuffer(8, { maxByteLength: mb * MB }); buffer.grow(mb * MB); return buffer },
    }
    export default (request) => {
      kept.length = 0
      const out = []
      for (const step of new URL(request.url).searchParams.get('steps').split(',')) {
        const [kind, mb] = step.split(' ')
        try { kept.push(take[kind](Number(mb))); out.push('ok') } catch (error) { out.push(error.name) }
      }
      return new Response(out.join())
    }`,
    { memory_mb: 64 },
  )
  const steps = async (...list: string[]) =>
    (await server.call(`${path}?steps=${encodeURIComponent(list.join())}`)).text()
  const kinds = ['buffer', 'wasm', 'grown', 'resizable', 'shared']
  for (const first of kinds)
    for (const second of kinds)
      assert.match(await steps(`${first} 40`, `${second} 40`), REFUSED, `${first}, then ${second}`)
  for (const kind of kinds)
    assert.is(await steps(`${kind} 16`, `${kind} 16`), 'ok,ok', `${kind}, twice a little`)
})

test('lines beyond the rate are dropped and counted', async () => {
  const { id, path } = await deploy(
    'export default () => { for (let n = 0; n < 1000; n++) console.log("line " + n); return new Response("printed") }',
    { log_lines: 10 },
  )
  for (let call = 0; call < 5; call++) assert.is(await (await server.call(path)).text(), 'printed')
  const lines = await eventually(async () => {
    const found = await logs(id)
    return found.some(({ message }) => /lines dropped/.test(message)) ? found : undefined
  }, 'the line that tells')
  assert.ok(lines.length < 120, `${lines.length} lines of 5000 were kept`)
  assert.match(
    lines.find(({ message }) => /dropped/.test(message))?.message ?? '',
    /at most 10 lines a second/,
  )
})

test('an answer beyond its limit is refused whole, and cut where it streams', async () => {
  const { path, id } = await deploy(fixture('long-answer'), { answer_mb: 2 })
  const refused = await server.call(path)
  assert.is(refused.status, 502)
  const problem = (await refused.json()) as { code: string; detail: string; lambdaStatusCode: number }
  assert.is(problem.code, 'answer_unsendable')
  assert.is(problem.lambdaStatusCode, 400)
  assert.match(problem.detail, 'its body has 3000000 bytes, limits.answer_mb allows 2097152')
  const rows = (await (await server.api(`/callbacks/${id}/invocations`)).json()) as { outcome: string }[]
  assert.is(rows[0]?.outcome, 'unsendable')

  const stream = await deploy(fixture('body-without-end'), { answer_mb: 1 })
  let bytes = 0
  const answer = await server.call(stream.path)
  try {
    for await (const piece of answer.body!) bytes += piece.length
    assert.unreachable('it came to an end')
  } catch (error) {
    assert.not.match(String(error), 'it came to an end')
  }
  assert.ok(bytes <= 1_048_576, `${bytes} bytes came`)
  const cut = await eventually(async () => {
    const list = (await (await server.api(`/callbacks/${stream.id}/invocations`)).json()) as Record<
      string,
      unknown
    >[]
    return list.find(({ outcome }) => outcome === 'unsendable')
  }, 'the record of the cut answer')
  assert.is(cut.status, 200)
  assert.match(String(cut.error), /^answer_unsendable: .*limits\.answer_mb/)
})

test.after(async () => {
  assert.equal(await server.stop(), { code: 0, signal: null })
})
test.run()
