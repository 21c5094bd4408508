import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLogBudget } from '../../src/runtime/log-budget.ts'
import type { InstanceLog } from '../../src/runtime/runtime.ts'

const test = suite('the budget of printed lines')

test('passes on what a guest that keeps to its rate sends, and no flood', () => {
  const lines: InstanceLog[] = []
  const log = createLogBudget(10, (line) => lines.push(line))
  const line: InstanceLog = { request_id: null, level: 'info', time: 0, message: 'x' }
  for (let count = 0; count < 40; count++) log(line)
  assert.is(lines.length, 40, 'a burst of the guest, and what it says of dropped lines')
  for (let count = 0; count < 100_000; count++) log(line)
  assert.ok(lines.length >= 160 && lines.length < 250, `${lines.length} lines of 100,000 came through`)
})

test.run()
