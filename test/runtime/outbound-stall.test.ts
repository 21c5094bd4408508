// @timeout 30
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE, WINDOW } from '../../src/runtime/wire.ts'
import { until } from '../support/runtime-harness.ts'
import { closeBoxes, outboundBox } from './outbound-box.ts'

const test = suite('answers that nobody reads')

test('give way to requests that wait, and not before', async () => {
  let begun = 0
  let cancelled = 0
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => {
        cancelled++
      },
    })
  const box = outboundBox({
    fetch: async () => {
      begun++
      return new Response(endless())
    },
  })
  for (let at = 0; at < 64; at++) box.open()
  const broken = () => box.sent.filter(({ type }) => type === TYPE.RESET).map(({ id }) => id)
  await until(() => box.of(127, TYPE.DATA).length === WINDOW / 65_536, 'all have a window full')
  await new Promise((resolve) => setTimeout(resolve, 5500))
  assert.equal(broken(), [], 'nobody waited')
  const reading = setInterval(() => box.outbound.receive(TYPE.CREDIT, 1, '65536', null), 100)
  const last = box.open()
  await until(() => begun === 65, 'the last one started')
  clearInterval(reading)
  assert.is(broken().length, 1, 'one place was enough')
  assert.not.ok(broken().includes(1), 'the one that is read goes on')
  assert.match(box.sent.find(({ type }) => type === TYPE.RESET)!.head, 'read it or cancel it')
  assert.is(cancelled, 1)
  await box.message(last, TYPE.ANSWER)
  box.outbound.close()
})

test.after.each(closeBoxes)

test.run()
