import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAnswerHead, parseFailHead } from '../../src/runtime/guest-heads.ts'
import { WireError } from '../../src/runtime/wire.ts'

const test = suite('heads that a guest sends')

test('an answer is taken as it is, when it is one', () => {
  const head = { status: 200, headers: [['a', 'b']], whole: true, pending: true }
  assert.equal(parseAnswerHead(JSON.stringify(head)), head)
  const broken = [
    null,
    [],
    'polluted',
    { ...head, status: 'ok' },
    { ...head, status: 200.5 },
    { ...head, headers: 'polluted' },
    { ...head, headers: [['a']] },
    { ...head, headers: [['a', 1]] },
    { ...head, whole: 1 },
  ]
  for (const one of broken)
    assert.throws(
      () => parseAnswerHead(JSON.stringify(one)),
      (error: Error) => error instanceof WireError,
    )
})

test('a failure has texts, whatever was sent', () => {
  assert.equal(parseFailHead('{"kind":"odd","name":{},"message":7,"stack":null,"pending":1}'), {
    kind: 'threw',
    name: 'Error',
    message: '',
    stack: '',
  })
  const whole = { kind: 'unsendable', name: 'E', message: 'm', stack: 's', pending: true }
  assert.equal(parseFailHead(JSON.stringify(whole)), whole)
  assert.throws(
    () => parseFailHead('null'),
    (error: Error) => error instanceof WireError,
  )
})

test.run()
