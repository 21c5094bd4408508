import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serverTiming } from '../../bench/cases/cold.ts'
import { judge, notesOf } from '../../bench/cases/throughput-verdict.ts'
import { parseStat, treeCpuSeconds } from '../../bench/cpu-time.ts'
import { distinctHello, jsonText } from '../../bench/functions.ts'
import { sumOf } from '../../bench/gateway-process.ts'
import { MIB, parseResident, treeMemory } from '../../bench/memory.ts'
import { readOptions } from '../../bench/options.ts'
import type { Series } from '../../bench/results.ts'

const test = suite('cases of the bench')

const names = ['throughput', 'cold']

function ratios(workerd: number[], hono: number[], p99: number[], again: number[]) {
  return [
    { name: 'rps: gateway / workerd', values: workerd },
    { name: 'rps: gateway / hono', values: hono },
    { name: 'p99: gateway / workerd', values: p99 },
    { name: 'rps: gateway / gateway again (noise)', values: again },
  ]
}

test('the throughput is judged by the median of its rounds', () => {
  const met = judge(ratios([9, 1.5, 1.4], [0.6, 0.5, 0.1], [5, 1, 0.2], [1])).map((entry) => entry.met)
  assert.equal(met, [true, true, true])
  const missed = judge(ratios([9, 1.4, 1.4], [0.6, 0.4, 0.1], [5, 1.1, 0.2], [1])).map((entry) => entry.met)
  assert.equal(missed, [false, false, false])
})

test('a run that is noisy, or that the generator may have limited, says so', () => {
  const load = (value: number): Series => ({
    subject: 'hono',
    metric: 'generator load',
    unit: 'share',
    values: [value],
  })
  const quiet = ratios([2], [1], [1], [1.05, 0.95])
  assert.equal(notesOf([load(0.5)], quiet), [])
  const [busy, noisy] = notesOf([load(0.95)], ratios([2], [1], [1], [1, 0.7]))
  assert.match(busy!, /95 % of a core against hono/)
  assert.match(noisy!, /off by up to 30 %/)
})

test('the phases of an answer come from its Server-Timing', () => {
  const headers = new Map([['server-timing', 'start;dur=1.2, init;dur=3, total;dur=5.25']])
  assert.equal(Object.fromEntries(serverTiming({ headers })), { start: 1.2, init: 3, total: 5.25 })
  assert.is(serverTiming({ headers: new Map() }).size, 0)
})

test('no two functions share a line of their data', () => {
  const one = distinctHello('cold-1')
  const two = distinctHello('cold-2')
  assert.is.not(one.code, two.code)
  assert.is.not(one.body, two.body)
  assert.match(one.code, JSON.stringify(one.body))
})

test('a line of /proc/PID/stat is read whatever the name of the program', () => {
  const line = '42 (a) b (c) S 7 1 1 0 -1 4194560 900 0 0 0 150 50 9 9 20 0 11 0 1 2 3'
  assert.equal(parseStat(line), { pid: 42, parent: 7, ticks: 200 })
})

test('the time of a tree of processes is that of its root and more', async () => {
  const own = await treeCpuSeconds(process.pid)
  if (process.platform === 'linux') assert.ok(own !== null && own > 0)
  assert.is(await treeCpuSeconds(2 ** 30), null)
})

test('the memory of a tree of processes is that of its root and more', async () => {
  assert.is(parseResident('VmHWM:\t 9 kB\nVmRSS:\t  123 kB\nRssAnon:\t 1 kB\n'), 123 * 1024)
  assert.is(parseResident(''), 0)
  const own = await treeMemory(process.pid)
  if (process.platform === 'linux') assert.ok(own !== null && own > MIB)
  assert.is(await treeMemory(2 ** 30), null)
})

test('a metric is the sum of its samples, and of no other metric', () => {
  const text = '# TYPE a_total counter\na_total{x="1"} 2\na_total{x="b c"} 3\na_total_more 100\nb_total 7\n'
  assert.is(sumOf(text, 'a_total'), 5)
  assert.is(sumOf(text, 'b_total'), 7)
  assert.is(sumOf(text, 'c_total'), 0)
})

test('the JSON is as large as it should be, hardly more, and JSON', () => {
  const text = jsonText(262_144)
  const size = Buffer.byteLength(text)
  assert.ok(size >= 262_144 && size < 263_000, String(size))
  assert.is(JSON.stringify(JSON.parse(text)), text)
})

test('the command line is checked before anything runs', () => {
  assert.equal(readOptions([], names), { quick: false, only: [], rounds: null })
  assert.equal(readOptions(['--quick', '--only', 'cold', '--rounds', '5'], names), {
    quick: true,
    only: ['cold'],
    rounds: 5,
  })
  assert.throws(
    () => readOptions(['--only', 'hot'], names),
    /Cannot run the case "hot": there are throughput, cold/,
  )
  for (const bad of ['0', '1.5', 'x', '101'])
    assert.throws(() => readOptions(['--rounds', bad], names), /must be a whole number from 1 to 100/)
  assert.throws(() => readOptions(['--fast'], names))
})

test.run()
