import * as assert from 'uvu/assert'
import { KILLED, problemOf, THREW, TIMEOUT } from '../problems.ts'
import {
  type Deployed,
  type Instances,
  jsonOf,
  type Register,
  type SharedCode,
  type Subject,
} from '../subject.ts'

/** In Python a call has a process, which writes down its id here: whether that is gone can be asked later. */
const python = (body: string): string => `
import asyncio, os, time
PID = "/tmp/pid"
async def handler(event):
    if event["queryStringParameters"].get("ask") == "gone":
        with open(PID) as file:
            return not os.path.exists("/proc/" + file.read())
    with open(PID, "w") as file:
        file.write(str(os.getpid()))
    ${body}`

const FOREVER = 'while True: pass'
const STUCK: readonly (readonly [name: string, code: SharedCode])[] = [
  [
    'a handler that never answers',
    {
      node: 'export const handler = () => new Promise(() => {})',
      python: python('await asyncio.get_running_loop().create_future()'),
    },
  ],
  ['a busy loop', { node: 'export const handler = () => { for (;;); }', python: python(FOREVER) }],
  [
    'a busy loop after an await',
    {
      node: 'export const handler = async () => { await null; for (;;); }',
      python: python(`await asyncio.sleep(0)\n    ${FOREVER}`),
    },
  ],
]

const MEMORY_BOMB: SharedCode = {
  node: 'export const handler = () => { const kept = []; for (;;) kept.push(new Array(10_000).fill({})) }',
  python: python('kept = []\n    while True: kept.append(bytearray(100_000))'),
}
const ENDS_ITSELF: SharedCode = {
  node: 'export const handler = ({ queryStringParameters: { ask } }) => ask ? true : process.exit(7)',
  python: python('os._exit(7)'),
}
const SOMETIMES: SharedCode = {
  node: `let calls = 0
    export const handler = (event) => {
      calls++
      if (event.queryStringParameters.how === 'throw') throw new Error('once')
      if (event.queryStringParameters.how === 'hang') return new Promise(() => {})
      return { calls }
    }`,
  python: `
import time
calls = 0
def handler(event):
    global calls
    calls += 1
    how = event["queryStringParameters"].get("how")
    if how == "throw":
        raise Exception("once")
    if how == "hang":
        time.sleep(3600)
    return {"calls": calls}`,
}

/** Calls that are ended: what they ran is gone when their answer is here, and the next one is served. */
export function endingCases(test: Register, subject: Subject<SharedCode>): void {
  const { deploy, hard, killed, hasProcess, leastMemoryMb } = subject
  const late = 300 * subject.pace

  for (const [name, code] of STUCK) {
    test(`timeout: ${name} is 504, and really gone when the answer is here`, async () => {
      const deployed = await deploy(code, { limits: { timeout_ms: late } })
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'late-1' } }), TIMEOUT)
      assert.is(problem.body, `Process Time Out (${late / 1000}s)`)
      assert.is(problem.kill?.reason, 'timeout')
      assert.is(problem.kill?.limit, late)
      assert.ok((problem.kill?.used ?? 0) >= late - 5, `used ${problem.kill?.used}`)
      await assertGone(deployed, 'timeout', 'late-1')
    })
  }

  test('timeout: whole seconds are told as such', async () => {
    const deployed = await deploy(STUCK[0]![1], { limits: { timeout_ms: 1000 } })
    assert.is((await problemOf(await deployed.call(), TIMEOUT)).body, 'Process Time Out (1s)')
  })

  if (hard.includes('memory')) {
    test('memory: more than its limit is 500 with the numbers, and it is gone', async () => {
      const deployed = await deploy(MEMORY_BOMB, { limits: { memory_mb: leastMemoryMb } })
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'fat-1' } }), KILLED)
      assert.is(problem.kill?.reason, 'memory')
      assert.is(problem.kill?.limit, leastMemoryMb)
      assert.ok((problem.kill?.used ?? 0) > 0)
      await assertGone(deployed, 'memory', 'fat-1')
    })
  }

  if (hard.includes('cpu')) {
    test('cpu: more than its limit is 500 with the numbers, and it is gone', async () => {
      const deployed = await deploy(STUCK[1]![1], { limits: { cpu_ms: 60 } })
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'hot-1' } }), KILLED)
      assert.is(problem.kill?.reason, 'cpu')
      assert.is(problem.kill?.limit, 60)
      assert.ok((problem.kill?.used ?? 0) >= 60, `used ${problem.kill?.used}`)
      await assertGone(deployed, 'cpu', 'hot-1')
    })
  }

  if (hasProcess) {
    test('crash: a function that ends its process is 500 with its exit code, and the next call is served', async () => {
      const deployed = await deploy(ENDS_ITSELF)
      const problem = await problemOf(await deployed.call({ headers: { 'x-request-id': 'gone-1' } }), KILLED)
      assert.is(problem.kill?.reason, 'crash')
      assert.match(problem.detail, /\b7\b/)
      await assertGone(deployed, 'crash', 'gone-1')
      assert.is(await jsonOf(deployed.call({}, '?ask=gone')), true)
    })
  }

  test('failure: after each the next call is served', async () => {
    const deployed = await deploy(SOMETIMES, { limits: { timeout_ms: late, max_instances: 1 } })
    await problemOf(await deployed.call({}, '?how=throw'), THREW)
    assert.equal(await jsonOf(deployed.call()), { calls: 2 }, 'a throw costs no instance')
    await problemOf(await deployed.call({}, '?how=hang'), TIMEOUT)
    const next = await deployed.call()
    assert.equal(await next.json(), { calls: 1 }, 'a timeout costs what ran it')
    assert.is(next.headers.get('x-faas-start'), killed === 'call' ? 'warm' : 'cold')
  })

  async function assertGone(deployed: Deployed, reason: string, requestId: string): Promise<void> {
    const { instances, ended } = await deployed.list<Instances>('instances')
    assert.is(instances.filter((instance) => instance.in_flight > 0).length, 0)
    const last = ended.find((exit) => exit.last_request_id === requestId)
    if (killed === 'call') {
      assert.is(last, undefined, JSON.stringify(ended))
      assert.is(instances.length, 1)
      const next = await deployed.call({}, '?ask=gone')
      assert.is(await next.json(), true, 'its process is gone')
      assert.is(next.headers.get('x-faas-start'), 'warm')
      return
    }
    assert.is(last?.reason, reason, JSON.stringify(ended))
    assert.is(
      instances.some((instance) => instance.instance_id === last?.instance_id),
      false,
    )
  }
}
