// @slow
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findFiles, readMarks } from './runner/files.ts'
import { waitUntilGone } from './runner/process-group.ts'
import { fileReport, totalLine } from './runner/report.ts'
import { type FileResult, runFile } from './runner/run-file.ts'
import { problemsOf, readTotals } from './runner/totals.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const test = suite('the test runner')

async function run(name: string): Promise<FileResult> {
  const [file] = await findFiles(root, [`test/fixtures/runner/${name}.ts`])
  return runFile(root, file!)
}

/** @returns exit code and the lines printed */
async function runner(args: string[], env: Record<string, string> = {}): Promise<[number | null, string[]]> {
  const host = process.versions.deno === undefined ? [] : ['run', '-A']
  const child = spawn(process.execPath, [...host, `${root}test/run.ts`, ...args], {
    env: { ...process.env, FAAS_TEST_REQUIRE: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return [code, text.trimEnd().split('\n')]
}

test('counts what passed', async () => {
  const result = await run('passing')
  assert.is(result.passed, 2)
  assert.is(result.failed, 0)
  assert.equal(result.problems, [])
})

const bad: [fixture: string, problem: RegExp, failed: number][] = [
  ['failing', /^1 of 2 did not pass$/m, 1],
  ['before-throws', /^1 of 1 did not pass$/m, 1],
  ['never-run', /^it printed no totals/m, 1],
  ['no-tests', /^it has no tests$/m, 1],
  ['hanging', /^it was killed: it still ran after 1 s$/m, 1],
  ['lingering', /^it was killed: it still ran after 1 s$/m, 1],
  ['crashing', /^it ended by SIGKILL$/m, 1],
  ['exiting-early', /^it printed no totals/m, 1],
  ['rejecting', /^it exited with code 1$/m, 1],
  ['orphan', /^it left a process running: \d+ \S*sleep 300$/m, 1],
  ['skipping-silently', /^1 skipped without a reason/m, 1],
  ['only', /^1 skipped without a reason/m, 1],
  ['two-rounds', /^1 of 2 did not pass$/m, 1],
]
for (const [fixture, problem, failed] of bad) {
  test(`fails a file: ${fixture}`, async () => {
    const result = await run(fixture)
    assert.match(result.problems.join('\n'), problem)
    assert.is(result.failed, failed)
  })
}

test('kills what a file leaves behind', async () => {
  const { output } = await run('orphan')
  const group = Number(/^group (\d+)$/m.exec(output)?.[1])
  assert.ok(group > 0)
  assert.equal(await waitUntilGone(group, 2000), [])
})

test('prints the whole output of a failure', async () => {
  const report = fileReport(await run('failing'))
  assert.match(report, /^FAIL test\/fixtures\/runner\/failing\.ts/)
  assert.match(report, 'the reason of the failure')
})

test('ends with its totals and 0 when all is well', async () => {
  const [code, lines] = await runner(['test/fixtures/runner/passing.ts', 'test/fixtures/runner/skipping.ts'])
  assert.is(lines.at(-1), '3 passed, 0 failed, 1 skipped')
  assert.ok(lines.includes('     skipped builds an image: no engine answers'), lines.join('\n'))
  assert.is(code, 0)
})

test('ends with 1 after any failure', async () => {
  const [code, lines] = await runner(['test/fixtures/runner/passing.ts', 'test/fixtures/runner/failing.ts'])
  assert.is(lines.at(-1), '3 passed, 1 failed, 0 skipped')
  assert.is(code, 1)
})

test('fails a skip that FAAS_TEST_REQUIRE forbids', async () => {
  const [code, lines] = await runner(['test/fixtures/runner/skipping.ts'], {
    FAAS_TEST_REQUIRE: 'kube, docker',
  })
  assert.is(lines.at(-1), '1 passed, 1 failed, 0 skipped')
  assert.match(lines.join('\n'), 'FAAS_TEST_REQUIRE names docker, which cannot be used: no engine')
  assert.is(code, 1)
})

test('refuses a filter that names nothing', async () => {
  await assertRejects(findFiles(root, ['no-such-file']), /Cannot run "no-such-file"/)
})

test('finds the files below test, without the fixtures', async () => {
  const files = (await findFiles(root, [])).map((entry) => entry.file)
  assert.ok(files.includes('test/run.test.ts'))
  assert.not.ok(files.some((file) => file.includes('fixtures')))
  assert.equal(await findFiles(root, ['run.test.ts', 'test/run.test.ts']), [
    {
      file: 'test/run.test.ts',
      timeoutMs: 60_000,
      serial: false,
      fast: false,
      engine: null,
      nodeOnly: false,
    },
  ])
})

test('reads the marks of a file', () => {
  assert.equal(readMarks('a', '// @timeout 300\n// @serial\n'), {
    file: 'a',
    timeoutMs: 300_000,
    serial: true,
    fast: false,
    engine: null,
    nodeOnly: false,
  })
  assert.is(readMarks('a', '// @slow\n').fast, false)
  assert.is(readMarks('a', '// @engine\n').engine, 'alone')
  assert.is(readMarks('a', '// @engine beside\n').engine, 'beside')
  const { fast, nodeOnly } = readMarks('a', '// @node\n')
  assert.equal([fast, nodeOnly], [true, true])
  assert.is(readMarks('a', '\n'.repeat(20) + '// @slow\n').fast, true)
  assert.throws(() => readMarks('a', '// @timeout soon'), /whole seconds, it is "soon"/)
})

test('reads totals through colours and sums several', () => {
  const block = (total: number): string =>
    `\n  Total:     ${total}\u001b[32m\n  Passed:    1\u001b[39m\n  Skipped:   1\n  Duration:  2ms\n\n`
  assert.equal(readTotals(`SKIP a: b\n${block(1)}${block(2)}`), {
    total: 3,
    passed: 2,
    skipped: 2,
    reasons: ['a: b'],
  })
  assert.is(readTotals('Total: many'), null)
})

test('does not count skips as passes', () => {
  const problems = problemsOf({ total: 3, passed: 0, skipped: 3, reasons: ['a: 1', 'b: 2', 'c: 3'] })
  assert.equal(problems, ['3 of 3 did not pass'])
  assert.is(totalLine([]), '0 passed, 0 failed, 0 skipped')
})

async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.match(String(error), pattern)
}

test.run()
