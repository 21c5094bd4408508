import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import type { Deployed, Instances, Register, SharedCode, Subject } from '../subject.ts'
import { jsonOf, openBody } from '../subject.ts'

const COUNTS: SharedCode = {
  node: 'let calls = 0; export default async (r) => { await r.text(); return Response.json({ calls: ++calls }) }',
  python: `
calls = 0
def handler(event):
    global calls
    calls += 1
    return {"calls": calls}`,
}
const OUTCOMES: SharedCode = {
  node: `export const handler = ({ queryStringParameters: { how } }) => {
    if (how === 'throw') throw new Error('because')
    if (how === 'unsendable') return 1n
    if (how === 'hang') return new Promise(() => {})
    return { statusCode: 201, body: 'made' }
  }`,
  python: `
import time
def handler(event):
    how = event["queryStringParameters"]["how"]
    if how == "throw":
        raise Exception("because")
    if how == "unsendable":
        return object()
    if how == "hang":
        time.sleep(3600)
    return {"statusCode": 201, "body": "made"}`,
}
const PATIENCE = 20_000

interface Row {
  readonly request_id: string
  readonly status: number
  readonly lambda_status_code: number
  readonly start: string
  readonly outcome: string
  readonly error: string | null
  readonly version: number
  readonly runtime: string
  readonly instance_id: string
  readonly phases: Record<string, number>
}

const instancesOf = (subject: Deployed) => subject.list<Instances>('instances')

async function untilInstances(
  subject: Deployed,
  holds: (view: Instances) => boolean,
  what: string,
): Promise<Instances> {
  let view = await instancesOf(subject)
  await until(
    async () => {
      view = await instancesOf(subject)
      return holds(view)
    },
    what,
    PATIENCE,
  )
  return view
}

/** What is kept of calls, and how instances come and go. */
export function recordCases(test: Register, { deploy, runtime, pace }: Subject<SharedCode>): void {
  test('invocations: one row a call, newest first, with its outcome', async () => {
    const subject = await deploy(OUTCOMES, { limits: { timeout_ms: 300 * pace } })
    for (const how of ['fine', 'throw', 'unsendable', 'hang'])
      await (await subject.call({ headers: { 'x-request-id': `row-${how}` } }, `?how=${how}`)).text()
    const rows = await subject.list<Row[]>('invocations')
    assert.equal(
      rows.map((row) => [row.request_id, row.status, row.lambda_status_code, row.outcome, row.start]),
      [
        ['row-hang', 504, 504, 'killed', 'warm'],
        ['row-unsendable', 502, 400, 'unsendable', 'warm'],
        ['row-throw', 500, 500, 'threw', 'warm'],
        ['row-fine', 201, 200, 'answered', 'prewarmed'],
      ],
    )
    for (const row of rows) {
      assert.is(row.runtime, runtime)
      assert.is(row.version, 1)
      assert.ok(row.phases.total! >= 0 && row.phases.handler! >= 0)
      assert.ok(row.instance_id.length > 0)
    }
    assert.match(rows[2]!.error ?? '', /because/)
    assert.is(rows[3]!.error, null)
  })

  test('instances: live ones with their figures, ended ones with their reason', async () => {
    const subject = await deploy(COUNTS, { limits: { idle_ms: 0, max_instances: 1 } })
    const open = openBody()
    const answer = subject.call(open.init)
    const busy = await untilInstances(subject, ({ instances }) => instances[0]?.in_flight === 1, 'it works')
    const [live] = busy.instances
    assert.is(live!.state, 'ready')
    assert.is(live!.runtime, runtime)
    assert.is(live!.generation, 1)
    assert.ok(live!.age_ms >= 0)
    open.end()
    await (await answer).text()
    const idle = await untilInstances(subject, ({ instances }) => instances.length === 0, 'it was reaped')
    const exit = idle.ended.find((entry) => entry.instance_id === live!.instance_id)
    assert.is(exit?.reason, 'idle')
    assert.ok((exit?.requests ?? 0) >= 1)
    assert.ok((exit?.detail ?? '').length > 0)
  })

  test('limits.concurrency: as many calls at once as it says, the next one waits', async () => {
    const two = await deploy(COUNTS, { limits: { concurrency: 2, max_instances: 1 } })
    const opened = [openBody(), openBody(), openBody()]
    const answers: Promise<Response>[] = []
    for (const [index, open] of opened.slice(0, 2).entries()) {
      answers.push(two.call(open.init))
      await untilInstances(
        two,
        ({ instances }) => instances[0]?.in_flight === index + 1,
        `${index + 1} are at work`,
      )
    }
    let third: Response | null = null
    answers.push(two.call(opened[2]!.init).then((answer) => (third = answer)))
    opened[2]!.end()
    // A call that was let in would be answered before this round trip through the same gateway.
    for (let round = 0; round < 5; round++) assert.is((await instancesOf(two)).instances[0]!.in_flight, 2)
    assert.is(third, null)
    opened[0]!.end()
    await answers[0]
    assert.is((await answers[2])!.headers.get('x-faas-start'), 'warm')
    opened[1]!.end()
    await answers[1]
    assert.is((await instancesOf(two)).instances.length, 1)
  })

  test('limits.max_instances: another instance starts when the first is full, no third', async () => {
    const subject = await deploy(COUNTS, { limits: { concurrency: 1, max_instances: 2 } })
    const opened = [openBody(), openBody(), openBody()]
    const answers = opened.map((open) => subject.call(open.init))
    await untilInstances(
      subject,
      ({ instances }) => instances.length === 2 && instances.every((one) => one.in_flight === 1),
      'two instances work',
    )
    for (let round = 0; round < 5; round++) assert.is((await instancesOf(subject)).instances.length, 2)
    for (const open of opened) open.end()
    const counts = await Promise.all(
      answers.map(async (answer) => (await jsonOf<{ calls: number }>(answer)).calls),
    )
    assert.equal(counts.sort(), [1, 1, 2])
  })

  test('limits.min_instances: kept ready without a call, and not reaped', async () => {
    const reaped = await deploy(COUNTS, { limits: { idle_ms: 0 } })
    const kept = await deploy(COUNTS, { limits: { min_instances: 2, idle_ms: 0 } })
    const ready = ({ instances }: Instances) => instances.filter((one) => one.state === 'ready').length === 2
    const before = await untilInstances(kept, ready, 'two are ready')
    assert.is((await kept.call({ method: 'POST', body: '' })).headers.get('x-faas-start'), 'prewarmed')
    await untilInstances(reaped, ({ instances }) => instances.length === 0, 'the reaper has been by')
    const ids = (view: Instances) => view.instances.map((one) => one.instance_id).sort()
    assert.equal(ids(await instancesOf(kept)), ids(before))
  })

  test('limits.mode job: an instance per call, gone after it', async () => {
    const subject = await deploy(COUNTS, { limits: { mode: 'job' } })
    const answers = await Promise.all([1, 2, 3].map(() => subject.call({ method: 'POST', body: 'x' })))
    for (const answer of answers) {
      assert.is(answer.headers.get('x-faas-start'), 'cold')
      assert.equal(await jsonOf(answer), { calls: 1 })
    }
    const view = await untilInstances(subject, ({ instances }) => instances.length === 0, 'all are gone')
    const jobs = view.ended.filter((exit) => exit.reason === 'job_done')
    assert.is(jobs.length, 3)
    for (const job of jobs) assert.is(job.requests, 1)
  })
}
