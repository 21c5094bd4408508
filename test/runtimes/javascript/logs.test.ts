// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createConsole } from '../../../runtimes/javascript/console.ts'
import { EARLY_LINES, MAX_LINE, MAX_LINES } from '../../../runtimes/javascript/logs.ts'
import { TYPE } from '../../../src/runtime/wire.ts'
import { guestBox, turns } from './guest-box.ts'

const test = suite('printed lines')

test('leave before the answer of the call that printed them', async () => {
  const box = guestBox({
    default: async () => {
      box.guest.log('info', 'a')
      await null
      box.guest.log('warn', 'b')
      return null
    },
  })
  const id = box.open()
  await box.until((message) => message.type === TYPE.ANSWER && message.id === id)
  assert.equal(
    box.messages.map(({ type }) => type),
    [TYPE.LOG, TYPE.LOG, TYPE.ANSWER],
  )
  assert.equal(
    box.logs().map(({ r, l, m }) => [r, l, m]),
    [
      ['r-2', 'info', 'a'],
      ['r-2', 'warn', 'b'],
    ],
  )
})

test('leave before an answer that is given at once', () => {
  const box = guestBox({
    handler: () => {
      box.guest.log('info', 'a')
      return null
    },
  })
  box.open()
  assert.equal(
    box.messages.map(({ type }) => type),
    [TYPE.LOG, TYPE.ANSWER],
  )
})

test('belong to a call only where that is clear', async () => {
  const box = guestBox({
    default: async (request: Request) => {
      box.guest.log('info', `start ${request.method}`)
      await turns(2)
      box.guest.log('info', `later ${request.method}`)
      return null
    },
  })
  box.guest.log('info', 'outside')
  box.open({ method: 'PUT' })
  box.open({ method: 'POST' })
  await box.until(() => box.ofType(TYPE.ANSWER).length === 2)
  box.open({ method: 'DELETE' })
  await box.until(() => box.ofType(TYPE.ANSWER).length === 3)
  const lines = Object.fromEntries(box.logs().map(({ r, m }) => [m, r]))
  assert.is(lines.outside, null)
  assert.is(lines['start PUT'], 'r-2')
  assert.is(lines['start POST'], 'r-4')
  assert.is(lines['later PUT'], null)
  assert.is(lines['later DELETE'], 'r-6')
})

test('are bounded in one turn', async () => {
  const box = guestBox({ default: () => null })
  for (let line = 0; line < EARLY_LINES + MAX_LINES; line++) box.guest.log('info', 'x')
  assert.is(box.ofType(TYPE.LOG).length, EARLY_LINES, 'the first lines of a turn leave at once')
  await box.until(() => box.ofType(TYPE.LOG).length === EARLY_LINES + 1)
  assert.is(box.logs().length, EARLY_LINES + MAX_LINES)
  assert.ok(!box.logs().some(({ m }) => m.includes('dropped')))
})

test('are bounded in their length, each and together', async () => {
  const box = guestBox({ default: () => null })
  for (let line = 0; line < 100; line++) box.guest.log('info', 'y'.repeat(MAX_LINE + 5))
  await box.until(() => box.ofType(TYPE.LOG).length === EARLY_LINES + 1)
  assert.is(box.logs().length, EARLY_LINES + 17)
  assert.ok(box.logs()[0]!.m.endsWith('y… (5 more characters)'))
  assert.match(box.logs().at(-1)!.m, new RegExp(`^${84 - EARLY_LINES} lines dropped`))
})

test('keep to their rate from turn to turn, and what was dropped is told in one line', async () => {
  const box = guestBox({ default: () => null })
  box.guest.limitLog(10)
  const began = Date.now()
  let printed = 0
  while (Date.now() - began < 1300) {
    for (let line = 0; line < 50; line++, printed++) box.guest.log('info', 'x')
    await turns(1)
  }
  const told = () => box.logs().filter(({ m }) => /lines dropped/.test(m))
  await box.until(() => told().length > 0)
  const kept = box.logs().length - told().length
  assert.ok(kept >= 50 && kept <= 54, `${kept} lines were kept of ${printed}`)
  assert.ok(told().length <= 2, `it was told ${told().length} times`)
})

test('come from every method of console', () => {
  const lines: string[] = []
  const log = createConsole((level, text) => lines.push(`${level}: ${text}`))
  log.log!('a', 1)
  log.debug!('b')
  log.error!(new Error('boo').message)
  log.group!('outer')
  log.warn!('two\nlines')
  log.groupEnd!()
  log.groupEnd!()
  log.assert!(true, 'never')
  log.assert!(false, 'value %d', 3)
  log.count!()
  log.count!()
  log.countReset!()
  log.count!()
  log.dir!({ a: { b: { c: { d: 1 } } } }, { depth: 0 })
  log.timeEnd!('none')
  assert.equal(lines, [
    'info: a 1',
    'debug: b',
    'error: boo',
    'info: outer',
    'warn:   two\n  lines',
    'error: Assertion failed: value 3',
    'info: default: 1',
    'info: default: 2',
    'info: default: 1',
    'info: { a: [Object] }',
    'warn: No timer "none" was started',
  ])
  lines.length = 0
  log.time!('t')
  log.timeEnd!('t')
  log.table!([{ a: 1, b: 'x' }, { a: 2 }])
  log.trace!('here')
  assert.match(lines[0]!, /^info: t: [\d.]+ms$/)
  assert.is(
    lines[1],
    [
      'info: ┌─────────┬───┬─────┐',
      '│ (index) │ a │ b   │',
      '├─────────┼───┼─────┤',
      "│ 0       │ 1 │ 'x' │",
      '│ 1       │ 2 │     │',
      '└─────────┴───┴─────┘',
    ].join('\n'),
  )
  assert.match(lines[2]!, /^debug: Trace: here\n {4}at /)
})

test.run()
