import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Exchanges } from '../../src/runtime/exchange.ts'
import { HangUp } from '../../src/runtime/hang-up.ts'
import type { Call } from '../../src/runtime/runtime.ts'
import { TYPE } from '../../src/runtime/wire.ts'

const test = suite('calls that requests count against')

/** The calls of an instance, with its guest in the test's hands. */
function box() {
  const ids: number[] = []
  const exchanges = new Exchanges((type, id) => {
    if (type === TYPE.CALL) ids.push(id)
  })
  return {
    exchanges,
    /** Opens a call, and gives what ends it. */
    open(depth: number, requestId = `request-${ids.length}`): () => void {
      const call: Call = {
        requestId,
        depth,
        pathParameters: {},
        path: 'things',
        sourceIp: '192.0.2.1',
        deadline: 0,
        body: null,
        headers: [],
        hangUp: new HangUp(),
        respond: (status) => new Response(null, { status }),
        settled: () => undefined,
      }
      const answered = exchanges.fetch(new Request('http://gateway.test/'), call)
      answered.catch(() => undefined)
      const id = ids.at(-1)!
      return () => exchanges.receive(TYPE.ANSWER, id, '{"status":204,"headers":[],"whole":true}', null)
    },
  }
}

test('a request has the depth of its call', () => {
  const { exchanges, open } = box()
  open(2, 'a')
  open(5, 'b')
  assert.is(exchanges.depthOf('a'), 2)
  assert.is(exchanges.depthOf('b'), 5)
})

test('callers choose request ids: of calls with the same one the deeper counts', () => {
  const { exchanges, open } = box()
  open(5, 'a')
  open(0, 'a')
  assert.is(exchanges.depthOf('a'), 5)
})

test('of a call that is not known it has the greatest depth in flight', () => {
  const { exchanges, open } = box()
  assert.is(exchanges.depthOf(''), 0)
  const end = open(6)
  open(3)
  assert.is(exchanges.depthOf(''), 6)
  assert.is(exchanges.depthOf('an invention'), 6)
  end()
  assert.is(exchanges.depthOf(''), 3)
})

test('work that outlives its call does not begin anew at 0', () => {
  const { exchanges, open } = box()
  const ends = [open(6), open(3)]
  for (const end of ends) end()
  assert.is(exchanges.inFlight, 0)
  assert.is(exchanges.depthOf(''), 6)
  open(1)
  assert.is(exchanges.depthOf(''), 1)
})

test('a period lasts until an instance without calls gets one', () => {
  const { exchanges, open } = box()
  assert.is(exchanges.period.calls, 0)
  const first = open(0)
  const { period } = exchanges
  period.subrequests = 9
  const second = open(0)
  assert.equal(exchanges.period, { calls: 2, subrequests: 9, deepest: 0 })
  first()
  open(0)()
  assert.is(exchanges.period, period)
  assert.is(period.calls, 3)
  second()
  assert.is(exchanges.period, period, 'what is left of the calls still counts')
  open(4)
  assert.equal(exchanges.period, { calls: 1, subrequests: 0, deepest: 4 })
})

test.run()
