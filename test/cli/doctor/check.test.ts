// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Check, runChecks } from '../../../src/cli/doctor/check.ts'
import { fail, ok, warn } from '../../../src/cli/doctor/finding.ts'

const test = suite('the checks of the doctor')
const same = (text: string) => text
const DEADLINE = 60

function check(id: string, run: Check['run'], more: Partial<Check> = {}): Check {
  return { id, part: 'machine', about: `the ${id}`, late: (what) => fail(what, 'wait'), run, ...more }
}

test('one that never answers is late, and is told to stop', async () => {
  let stopped = false
  const stuck = check('stuck', (signal) => {
    signal.addEventListener('abort', () => {
      stopped = true
    })
    return new Promise(() => undefined)
  })
  const [finding] = await runChecks([stuck], same, DEADLINE)
  assert.equal(finding, {
    id: 'stuck',
    part: 'machine',
    status: 'fail',
    summary: 'the stuck did not answer within 0.06 s',
    remedy: 'wait',
    facts: {},
  })
  assert.ok(stopped)
})

test('one that is late may clear up before the report is made', async () => {
  let cleared = false
  const slow = check('slow', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await new Promise((resolve) => setTimeout(resolve, 20))
    cleared = true
    return ok('too late')
  })
  const [finding] = await runChecks([slow], same, DEADLINE)
  assert.is(finding?.status, 'fail')
  assert.ok(cleared)
})

test('one that throws, or rejects after its time, ends nothing', async () => {
  const findings = await runChecks(
    [
      check('thrown', () => {
        throw new Error('broken')
      }),
      check('rejected', async () => Promise.reject('no')),
      check('unloadable', async () => ok('never'), {
        load: async () => Promise.reject(new Error('no addon')),
      }),
      check('late', async (signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        throw new Error('and then this')
      }),
      check('fine', async () => ok('fine')),
    ],
    same,
    DEADLINE,
  )
  assert.equal(
    findings.map(({ status, summary }) => `${status} ${summary}`),
    [
      'fail the thrown could not be looked at: broken',
      'fail the rejected could not be looked at: no',
      'fail the unloadable could not be looked at: no addon',
      'fail the late did not answer within 0.06 s',
      'ok fine',
    ],
  )
})

test('all run at once, and no clock runs while something is loaded', async () => {
  const started: string[] = []
  let open: () => void = () => undefined
  const both = new Promise<void>((resolve) => {
    open = resolve
  })
  const meeting = (id: string) =>
    check(
      id,
      async () => {
        started.push(id)
        if (started.length === 2) open()
        await both
        return ok(id)
      },
      { load: () => new Promise((resolve) => setTimeout(resolve, DEADLINE * 2)) },
    )
  const findings = await runChecks([meeting('a'), meeting('b')], same, DEADLINE)
  assert.equal(
    findings.map(({ status }) => status),
    ['ok', 'ok'],
  )
})

test('what a check opens comes behind it, with a deadline of its own', async () => {
  const stuck = check('below', () => new Promise(() => undefined))
  const parent = check('parent', async () => ({
    verdict: ok('parent'),
    beside: { part: warn('beside', 'do it') },
    next: [stuck],
  }))
  const findings = await runChecks([parent, check('other', async () => ok('other'))], same, DEADLINE)
  assert.equal(
    findings.map(({ id, status }) => `${id} ${status}`),
    ['parent ok', 'parent.part warn', 'below fail', 'other ok'],
  )
})

test('secrets are taken out of everything', async () => {
  const talks = check('talks', async () =>
    warn('the hush', 'say hush', { a: 'hush', b: [{ c: 'a hush' }], d: 1, e: null, f: true }),
  )
  const [finding] = await runChecks([talks], (text) => text.replaceAll('hush', '***'), DEADLINE)
  assert.equal(finding, {
    id: 'talks',
    part: 'machine',
    status: 'warn',
    summary: 'the ***',
    remedy: 'say ***',
    facts: { a: '***', b: [{ c: 'a ***' }], d: 1, e: null, f: true },
  })
})

test.run()
