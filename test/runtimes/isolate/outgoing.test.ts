import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isMessage } from '../../../runtimes/isolate/outgoing.ts'
import { TYPE } from '../../../src/runtime/wire.ts'

const test = suite('what a guest may send')

test('its log, and messages of exchanges', () => {
  assert.ok(isMessage(TYPE.LOG, 0, '[]', null))
  assert.ok(isMessage(TYPE.ANSWER, 2, '{}', 'text'))
  assert.ok(isMessage(TYPE.DATA, 4, '', new Uint8Array(65_536)))
  assert.ok(isMessage(TYPE.END, 4, '', undefined))
})

test('nothing that is the host to say, and nothing that is no message', () => {
  for (const type of [TYPE.EXITED, TYPE.STARTED, TYPE.USAGE, TYPE.HELLO, 64, 1.5, -1, Number.NaN, '17', null])
    assert.not.ok(isMessage(type, 2, '', null), String(type))
  for (const id of [-1, 2 ** 32, 0.5, '2', null, undefined])
    assert.not.ok(isMessage(TYPE.ANSWER, id, '', null))
  for (const head of [null, undefined, {}, 7, 'x'.repeat(4_194_305)])
    assert.not.ok(isMessage(TYPE.ANSWER, 2, head, null))
  for (const data of [{}, [], 7, new ArrayBuffer(4), new Uint8Array(4_194_305)])
    assert.not.ok(isMessage(TYPE.DATA, 2, '', data))
})

test.run()
