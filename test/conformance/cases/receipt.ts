import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import type { Deployed, Instances, Register, SharedCode, Subject } from '../subject.ts'
import { openBody } from '../subject.ts'

const HELLO: SharedCode = {
  node: 'export const handler = () => "hello"',
  python: 'def handler(event):\n    return "hello"',
}
const READS: SharedCode = {
  node: 'export default async (request) => new Response(await request.text())',
  python: 'def handler(event):\n    return {"statusCode": 200, "body": event["body"]}',
}
const THROWS: SharedCode = {
  node: 'export const handler = () => { throw new Error("x") }',
  python: 'def handler(event):\n    raise Exception("x")',
}
const SLEEPS: SharedCode = {
  node: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 120, "slept"))',
  python: 'import time\ndef handler(event):\n    time.sleep(0.12)\n    return "slept"',
}
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PHASES = ['queue', 'start', 'init', 'handler', 'total']
/** The clocks of the phases are read one after the other, some in whole milliseconds. */
const SLACK_MS = 5
const PATIENCE = 20_000

/** Reads Server-Timing, and holds it to the contract. */
export function phasesOf(answer: Response): Record<string, number> {
  const header = answer.headers.get('server-timing') ?? ''
  const entries = header.split(', ').map((entry): [string, number] => {
    const match = /^([a-z]+);dur=(\d+(?:\.\d{1,2})?)$/.exec(entry)
    assert.ok(match !== null, `Server-Timing is "${header}"`)
    return [match[1]!, Number(match[2])]
  })
  const names = entries.map(([name]) => name)
  assert.equal(
    names,
    PHASES.filter((name) => names.includes(name)),
    header,
  )
  const phases = Object.fromEntries(entries)
  const { total = Number.NaN, ...parts } = phases
  const sum = Object.values(parts).reduce((left, right) => left + right, 0)
  assert.ok(sum <= total + SLACK_MS, header)
  return phases
}

/** Waits until the only instance has been reaped. */
async function untilCold(deployed: Deployed): Promise<void> {
  await until(
    async () => (await deployed.list<Instances>('instances')).instances.length === 0,
    'it was reaped',
    PATIENCE,
  )
}

/** The headers of each answer. */
export function receiptCases(test: Register, { deploy, server }: Subject<SharedCode>): void {
  test('x-request-id: a well-formed one is kept, anything else is replaced', async () => {
    const subject = await deploy(HELLO)
    for (const id of ['a', 'A-b_c.d:9', 'x'.repeat(128)]) {
      const answer = await subject.call({ headers: { 'x-request-id': id } })
      assert.is(answer.headers.get('x-request-id'), id)
    }
    for (const id of ['', 'with space', 'x'.repeat(129), 'semi;colon', '<script>', 'ü', 'a, b']) {
      const answer = await subject.call({ headers: { 'x-request-id': id } })
      assert.match(answer.headers.get('x-request-id') ?? '', UUID, id)
    }
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await subject.call()).headers.get('x-request-id')),
    )
    assert.is(new Set(ids).size, 3)
  })

  test('every answer has the receipt, success or not', async () => {
    const name = 'x-request-id'
    for (const [code, lambda] of [
      [HELLO, '200'],
      [THROWS, '500'],
    ] as const) {
      const { headers } = await (await deploy(code)).call({ headers: { [name]: 'r-1' } })
      assert.is(headers.get(name), 'r-1')
      assert.is(headers.get('x-lambda-status-code'), lambda)
      assert.is(headers.get('x-callback-version'), '1')
      assert.is(headers.get('x-faas-start'), 'prewarmed')
      assert.ok(headers.has('server-timing'))
    }
    const missing = await server.call('nothing-is-here', { headers: { [name]: 'r-2' } })
    assert.is(missing.headers.get(name), 'r-2')
    assert.is(missing.headers.get('x-lambda-status-code'), '500')
    assert.equal(Object.keys(phasesOf(missing)), ['total'])
    assert.is(missing.headers.has('x-faas-start'), false, 'nothing was started')
    assert.is(missing.headers.has('x-callback-version'), false, 'nothing was found')
  })

  test('x-callback-version counts the deployments', async () => {
    const subject = await deploy(HELLO)
    assert.is((await subject.call()).headers.get('x-callback-version'), '1')
    await server.deploy(subject.id)
    assert.is((await subject.call()).headers.get('x-callback-version'), '2')
  })

  test('x-faas-start: prewarmed after the deploy, then warm, cold once it was reaped', async () => {
    const subject = await deploy(HELLO, { limits: { idle_ms: 1500 } })
    const first = await subject.call()
    assert.is(first.headers.get('x-faas-start'), 'prewarmed')
    assert.equal(Object.keys(phasesOf(first)), ['handler', 'total'])
    assert.is((await subject.call()).headers.get('x-faas-start'), 'warm')
    await untilCold(subject)
    const cold = await subject.call()
    assert.is(cold.headers.get('x-faas-start'), 'cold')
    const phases = phasesOf(cold)
    for (const name of ['start', 'init', 'handler', 'total']) assert.type(phases[name], 'number', name)
    assert.is((await subject.call()).headers.get('x-faas-start'), 'warm')
  })

  test('Server-Timing: the handler and the queue get what was theirs', async () => {
    const subject = await deploy(SLEEPS, { limits: { concurrency: 1, max_instances: 1 } })
    const answers = await Promise.all([subject.call(), subject.call()])
    const phases = answers.map(phasesOf)
    for (const { handler, total } of phases) assert.ok(handler! >= 100 && total! >= handler! - SLACK_MS)
    const queued = phases.filter(({ queue }) => (queue ?? 0) > 0)
    assert.is(queued.length, 1, JSON.stringify(phases))
    assert.ok(queued[0]!.total! >= 200, JSON.stringify(queued))
  })

  test('503 with Retry-After when the queue is full, and those that wait are served', async () => {
    const subject = await deploy(READS, { limits: { concurrency: 1, max_instances: 1 } })
    const held = openBody()
    const first = subject.call(held.init)
    await until(
      async () => (await subject.list<Instances>('instances')).instances[0]?.in_flight === 1,
      'it works',
      PATIENCE,
    )
    const waiting = [1, 2, 3, 4].map((n) => subject.call({ method: 'POST', body: `${n}` }))
    await until(() => queued(subject), '4 calls wait', PATIENCE)
    const refused = await subject.call()
    assert.is(refused.status, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    const problem = (await refused.json()) as Record<string, unknown>
    assert.equal([problem.code, problem.blame, problem.callback_id], ['queue_full', 'platform', subject.id])
    held.send('held')
    held.end()
    assert.is(await (await first).text(), '.held')
    assert.equal(await Promise.all(waiting.map(async (answer) => (await answer).text())), [
      '1',
      '2',
      '3',
      '4',
    ])
  })

  async function queued(subject: Deployed): Promise<boolean> {
    const text = await (await server.api('/metrics')).text()
    const line = text.split('\n').find((entry) => entry.includes(`"${subject.path}"`) && /queue/.test(entry))
    if (line === undefined) throw new Error(`no metric tells the queue of ${subject.path}`)
    return line.endsWith(' 4')
  }
}
