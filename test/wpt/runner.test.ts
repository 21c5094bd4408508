// @timeout 120
// @slow
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import { differences, expectation } from './expectations.ts'
import { readMeta } from './meta.ts'
import { type Exclusions, readExclusions } from './not-applicable.ts'
import { excludedList, folderTable } from './report.ts'
import { type Outcome, runSuite } from './suite.ts'

const MINI = fileURLToPath(new URL('../fixtures/wpt', import.meta.url))
const RUN = fileURLToPath(new URL('./run.ts', import.meta.url))

const test = suite<{ dir: string }>('runner of the web platform tests')
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(tmpdir(), 'faas-wpt-test-'))
})
test.after.each(({ dir }) => rm(dir, { recursive: true, force: true }))

test('META lines are read until the first other line', () => {
  const meta = readMeta(
    '// META: global=window,worker\r\n// META: script=/common/a.js\n// META: script=b.js\n// META: timeout=long\n' +
      '// META: variant=?x=(1)\n\n// META: script=late.js\n',
  )
  assert.equal(meta, {
    globals: ['window', 'worker'],
    scripts: ['/common/a.js', 'b.js'],
    variants: ['?x=(1)'],
    long: true,
  })
})

test('a file without META lines is for windows and workers, runs once and shortly', () => {
  assert.equal(readMeta('test(() => {})\n'), {
    globals: ['window', 'dedicatedworker'],
    scripts: [],
    variants: [''],
    long: false,
  })
})

test('expectations name what fails, and count the rest', () => {
  const pass = { name: 'a', failure: null }
  assert.is(expectation([pass, pass]), 2)
  assert.equal(expectation([{ name: 'z', failure: 'no' }, pass, { name: 'b', failure: 'no' }]), {
    tests: 3,
    failing: ['b', 'z'],
  })
})

test('every change is a difference, for the better too', () => {
  assert.equal(differences('f', 2, 2), [])
  assert.equal(differences('f', { tests: 2, failing: ['a'] }, { tests: 2, failing: ['a'] }), [])
  assert.equal(differences('f', 2, { tests: 2, failing: ['a'] }), ['f: fails: a'])
  assert.equal(differences('f', { tests: 2, failing: ['a'] }, 2), ['f: fails no longer: a'])
  assert.equal(differences('f', 2, 1), ['f: has 1 subtests, not 2'])
  assert.equal(differences('f', 2, undefined), ['f: the file is gone'])
  assert.equal(differences('f', undefined, 2), ['f: the file is new'])
})

test('what does not apply is found by pattern', async ({ dir }) => {
  const { whole, part } = await exclusions(dir)
  assert.is(whole, 'of browsers')
  assert.is(part.reasonFor('mini/failing.any.js'), null)
  assert.ok(part.leavesOut('mini/failing.any.js', 'is about browsers alone'))
  assert.not(part.leavesOut('mini/failing.any.js', 'passes'))
  assert.not(part.leavesOut('mini/scene.any.js', 'is about browsers alone'))
})

test('test files run as deployed functions and are held against what is expected', async ({ dir }) => {
  const { part } = await exclusions(dir)
  await using gateway = await startServer({ FAAS_ISOLATE_HOSTS: '1' })
  const run = (update: boolean): Promise<Outcome> =>
    runSuite({
      stage: { root: MINI, gateway, wpt: null },
      folders: ['mini'],
      filters: [],
      exclusions: part,
      expectationsDir: dir,
      update,
      lanes: 2,
      onCase: () => {},
    })

  const first = await run(true)
  assert.equal(first.differences, [])
  const [mini] = first.folders
  assert.is(mini!.files, 3)
  assert.is(mini!.passed, 10)
  assert.is(mini!.total, 12)
  assert.is(first.leftOut, 1)
  assert.equal(first.excluded, [{ file: 'mini/shared.any.js', reason: 'it is for sharedworker alone' }])
  assert.match(folderTable(first), /mini +83\.3 % +10 of 12 +3 files/)
  assert.match(excludedList(first.excluded, true), /1 files: it is for sharedworker alone\n +mini\/shared/)

  const file = path.join(dir, 'mini.json')
  assert.equal(JSON.parse(await readFile(file, 'utf8')), {
    'mini/broken.any.js': { tests: 2, failing: ['(the script)'] },
    'mini/failing.any.js': { tests: 2, failing: ['fails'] },
    'mini/scene.any.js?one': 4,
    'mini/scene.any.js?two': 4,
  })
  assert.equal((await (await gateway.api('/callbacks')).json()) as unknown[], [])

  await writeFile(
    file,
    JSON.stringify({ 'mini/gone.any.js': 1, 'mini/failing.any.js': 2, 'mini/scene.any.js?one': 4 }),
  )
  assert.equal((await run(false)).differences, [
    'mini/broken.any.js: the file is new',
    'mini/failing.any.js: fails: fails',
    'mini/gone.any.js: the file is gone',
    'mini/scene.any.js?two: the file is new',
  ])
})

test('without the folder of the tests it says so and is skipped, unless it is required', () => {
  const skipped = start([], '')
  assert.is(skipped.status, 0)
  assert.match(skipped.stdout, /^SKIP web platform tests: no folder is given/)
  const wrong = start(['--wpt', MINI + '/mini'], 'wpt')
  assert.is(wrong.status, 1)
  assert.match(wrong.stdout, /has no resources\/testharness\.js/)
})

test.run()

/** Lists of what does not apply: one that leaves out a whole file, one a part of one. */
async function exclusions(dir: string): Promise<{ whole: string | null; part: Exclusions }> {
  const file = path.join(dir, 'not-applicable.json')
  const subtests = ['is about *alone']
  await writeFile(file, JSON.stringify([{ reason: 'of browsers', files: ['mini/f*.any.js'] }]))
  const whole = (await readExclusions(file)).reasonFor('mini/failing.any.js')
  await writeFile(file, JSON.stringify([{ reason: 'of browsers', files: ['*/failing.any.js'], subtests }]))
  return { whole, part: await readExclusions(file) }
}

function start(args: string[], wanted: string): { status: number | null; stdout: string } {
  const host = 'Deno' in globalThis ? ['run', '-A'] : []
  return spawnSync(process.execPath, [...host, RUN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, FAAS_TEST_REQUIRE: wanted },
  })
}
