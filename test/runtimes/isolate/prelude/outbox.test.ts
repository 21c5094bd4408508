import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bindHost } from '../../../../runtimes/isolate/prelude/host.ts'
import { hostEntered, post } from '../../../../runtimes/isolate/prelude/outbox.ts'

const test = suite('what leaves an isolate')

const events: string[] = []
bindHost({
  send: (flat) => events.push(`send ${flat.length / 4}`),
  call: (service) => {
    events.push(service)
    return null
  },
})

test('a turn leaves in one batch, chains of awaits included', async () => {
  post(17, 2, '', null)
  await null
  post(17, 4, '', null)
  await null
  post(17, 6, '', null)
  assert.equal(events, [])
  await new Promise((resolve) => setTimeout(resolve, 0))
  assert.equal(events, ['send 3'])
})

test('a turn without end waits for the host now and then', async () => {
  events.length = 0
  hostEntered()
  const piece = 'x'.repeat(1_000_000)
  for (let message = 0; message < 20; message++) post(7, 0, piece, null)
  assert.equal(events, ['send 9', 'drain', 'send 9', 'drain'])
  hostEntered()
  await new Promise((resolve) => setTimeout(resolve, 0))
  assert.equal(events.slice(4), ['send 2'])
})

test.run()
