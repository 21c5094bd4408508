import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { exitCode, jsonReport, prettyReport } from '../../../src/cli/doctor/report.ts'

const test = suite('the report of the doctor')

const findings: Finding[] = [
  { id: 'docker', part: 'docker', status: 'fail', summary: 'engine: gone', remedy: 'start it', facts: {} },
  { id: 'settings', part: 'settings', status: 'ok', summary: 'settings: fine', facts: { given: 0 } },
  {
    id: 'port',
    part: 'machine',
    status: 'warn',
    summary: 'port: two\nlines\u001b[2J',
    remedy: 'do',
    facts: {},
  },
  { id: 'deno', part: 'isolates', status: 'note', summary: 'Deno: not found', facts: {} },
]

test('a line a finding, in the order of the parts, with what to do under it', () => {
  assert.equal(prettyReport(findings, false).split('\n'), [
    'settings',
    '  ok    settings: fine',
    '',
    'machine',
    '  warn  port: two lines [2J',
    '        → do',
    '',
    'isolates',
    '  note  Deno: not found',
    '',
    'docker',
    '  fail  engine: gone',
    '        → start it',
    '',
    '1 to do, 1 that could be better: what to do stands behind each arrow',
    '',
  ])
})

test('a terminal gets the parts and what is not fine in bold, and nothing else', () => {
  const shown = prettyReport(findings, true)
  assert.ok(shown.includes('\u001b[1mdocker\u001b[22m'))
  assert.ok(shown.includes('\u001b[1mfail \u001b[22m engine'))
  assert.ok(shown.includes('  ok    settings'))
  assert.not.ok(shown.includes('\u001b[2J'))
})

test('programs get the same order', () => {
  const parsed = JSON.parse(jsonReport(findings)) as Finding[]
  assert.equal(
    parsed.map(({ id }) => id),
    ['settings', 'port', 'deno', 'docker'],
  )
  assert.equal(parsed[0], findings[1])
})

test('only a failure makes the exit code 1', () => {
  assert.is(exitCode(findings), 1)
  assert.is(exitCode(findings.filter(({ status }) => status !== 'fail')), 0)
})

test('nothing to do is said', () => {
  assert.ok(prettyReport([findings[1]!, findings[3]!], false).endsWith('All is well\n'))
})

test.run()
