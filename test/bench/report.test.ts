import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drawMarkdown, drawText, figure, wantedText } from '../../bench/report/format.ts'
import { caseText, markdown, replaceBetweenMarkers, targetText } from '../../bench/report/pages.ts'
import {
  type CaseResult,
  fileNameOf,
  parseResults,
  type Results,
  SCHEMA,
  target,
  valuesOf,
} from '../../bench/results.ts'

const test = suite('report of the bench')

const rounds: CaseResult = {
  name: 'throughput',
  about: 'Two rounds',
  layout: 'rounds',
  seconds: 12.3,
  series: [
    { subject: 'gateway', metric: 'rps', unit: 'per second', values: [20_000, 22_000] },
    { subject: 'gateway', metric: 'p99', unit: 'ms', values: [2, 3] },
    { subject: 'workerd', metric: 'rps', unit: 'per second', values: [10_000, 10_000] },
  ],
  ratios: [{ name: 'gateway / workerd', values: [2, 2.2] }],
  targets: [target('warm rps', 2.1, 'ratio', 'at least', 1.5)],
  failures: { gateway: 0, workerd: 3 },
  notes: ['The machine was busy'],
}
const samples: CaseResult = {
  name: 'cold',
  about: 'Some calls',
  layout: 'samples',
  seconds: 5,
  series: [{ subject: 'cold call', metric: 'first byte', unit: 'ms', values: [9, 10, 70.4] }],
  ratios: [],
  targets: [target('cold p99', 70.4, 'ms', 'at most', 60)],
  failures: { 'cold call': 0 },
  notes: [],
}
const results: Results = {
  schema: SCHEMA,
  time: '2026-01-02T03:04:05.678Z',
  commit: 'abc1234',
  quick: true,
  seconds: 17,
  machine: {
    cpu: 'A chip',
    cores: 2,
    memoryGb: 24,
    kernel: 'Linux 6.1',
    arch: 'x64',
    node: 'v26.1.0',
    load: [0.5, 1, 1],
  },
  versions: { workerd: '1.2', hono: '4', '@hono/node-server': '2', 'isolated-vm': '7' },
  cases: [rounds, samples],
}

test('figures keep three digits and their unit', () => {
  assert.is(figure(1.234, 'ms'), '1.23 ms')
  assert.is(figure(12.34, 'ms'), '12.3 ms')
  assert.is(figure(1234.4, 'ns'), '1234 ns')
  assert.is(figure(1.5, 'ratio'), '1.50×')
  assert.is(figure(12_345.6, 'per second'), '12,346')
  assert.is(figure(0.725, 'share'), '73 %')
  assert.is(figure(1234, 'count'), '1,234')
  assert.is(figure(5.128, 'MiB'), '5.13 MiB')
})

test('a target is met on its own side of the bound, the bound included', () => {
  assert.is(target('t', 1.5, 'ratio', 'at least', 1.5).met, true)
  assert.is(target('t', 1.49, 'ratio', 'at least', 1.5).met, false)
  assert.is(target('t', 15, 'ms', 'at most', 15).met, true)
  assert.is(target('t', 15.1, 'ms', 'at most', 15).met, false)
  assert.is(wantedText(target('t', 1, 'ratio', 'at least', 1.5)), '≥ 1.50×')
  assert.is(wantedText(target('t', 1, 'ms', 'at most', 15)), '≤ 15 ms')
  assert.is(wantedText(target('t', 1, 'count', 'at most', 1)), '≤ 1')
})

test('tables are drawn for a terminal and for a page', () => {
  const table = { columns: ['', 'rps'], rows: [['a|b', '1,000']] }
  assert.is(drawText(table), '       rps\n───  ─────\na|b  1,000')
  assert.is(drawMarkdown(table), '|      |   rps |\n| ---- | ----: |\n| a\\|b | 1,000 |')
})

test('rounds are shown by subject, as medians, with what failed', () => {
  const text = caseText(rounds)
  assert.match(text, /gateway +21,000 +2\.50 ms +0\n/)
  assert.match(text, /workerd +10,000 +3\n/)
  assert.match(text, /gateway \/ workerd +2\.10× +2\.00× +2\.20×/)
  assert.match(text, /note: The machine was busy/)
})

test('samples are shown by series, with their number', () => {
  assert.match(caseText(samples), /cold call: first byte +10\.0 ms +70\.4 ms +70\.4 ms +70\.4 ms +3 +0\n/)
})

test('what was not reached is said', () => {
  assert.match(targetText(results), /warm rps +2\.10× +≥ 1\.50× +yes\n/)
  assert.match(targetText(results), /cold p99 +70\.4 ms +≤ 60 ms +no\n/)
  assert.is(targetText({ ...results, cases: [] }), '')
})

test('a page has the machine, the targets and the throughput; in detail every case', () => {
  const short = markdown(results, false)
  assert.match(
    short,
    /2026-01-02, commit abc1234, a quick run; 2 cores of A chip, 24 GB, Linux 6\.1 x64; Node 26\.1\.0/,
  )
  assert.match(short, /\| cold p99 \| +70\.4 ms \| +≤ 60 ms \| +no \|/)
  assert.match(short, /\| gateway \| 21,000 \|/)
  assert.not.match(short, /first byte/)
  assert.match(
    markdown(results, true),
    /\*\*cold\.\*\* Some calls:\n\n.*\n.*\n\| cold call: first byte \| 10\.0 ms/,
  )
})

test('a table replaces what stood between the markers, and nothing else', () => {
  const page = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n'
  assert.is(replaceBetweenMarkers(page, 'new'), 'before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n')
  assert.is(replaceBetweenMarkers('<!-- bench --><!-- /bench -->', 'x'), '<!-- bench -->\nx\n<!-- /bench -->')
  for (const broken of ['none', '<!-- bench --> open', '<!-- /bench --><!-- bench -->', page + page])
    assert.throws(() => replaceBetweenMarkers(broken, 'new'), /Cannot write the table/)
})

test('results survive their file, and another schema is refused', () => {
  assert.equal(parseResults(JSON.stringify(results)), results)
  assert.throws(() => parseResults('{"schema":99}'), /schema is 99, it must be 1/)
  assert.is(fileNameOf(results), '20260102T030405Z-abc1234.json')
})

test('a series is found by its subject and metric', () => {
  assert.equal(valuesOf(rounds.series, 'gateway', 'p99'), [2, 3])
  assert.throws(() => valuesOf(rounds.series, 'gateway', 'p50'), /Cannot find the series "p50" of "gateway"/)
})

test.run()
