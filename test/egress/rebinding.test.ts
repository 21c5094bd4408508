// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveLimits } from '../../src/domain/limits.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { remembering } from '../../src/egress/resolver.ts'
import { egressOf, httpServer, refusal } from './servers.ts'

const test = suite('names that change their address')

test('what was checked is what is connected to, however often the name changes', async () => {
  await using good = await httpServer((_, response) => response.end('good'), '127.0.0.2')
  const answers = [['127.0.0.2'], ['127.0.0.3'], ['127.0.0.2', '127.0.0.3'], ['127.0.0.3', '127.0.0.2']]
  let asked = 0
  const resolve = () => Promise.resolve(answers[asked++ % answers.length]!)
  const egress = egressOf({ resolve, allow: ['127.0.0.2'] })
  const get = () => egress.fetch(new Request(`http://rebind.test:${good.port}/`), 0)
  for (let round = 0; round < 2; round++) {
    assert.is(await (await get()).text(), 'good')
    assert.match(await refusal(get()), '127.0.0.3 is not a public address')
    assert.is(await (await get()).text(), 'good')
    assert.is(await (await get()).text(), 'good')
  }
  assert.is(asked, 8, 'each request looked once, and nothing looked again when it connected')
})

test('a connection that was kept is none to the address that the name has now', async () => {
  await using first = await httpServer((_, response) => response.end('first'), '127.0.0.2')
  await using second = await httpServer((_, response) => response.end('second'), '127.0.0.3', first.port)
  let address = '127.0.0.2'
  const egress = egressOf({ resolve: () => Promise.resolve([address]), allow: ['moves.test'] })
  for (const [now, text] of [
    ['127.0.0.2', 'first'],
    ['127.0.0.3', 'second'],
    ['127.0.0.2', 'first'],
  ] as const) {
    address = now
    const response = await egress.fetch(new Request(`http://moves.test:${first.port}/`), 0)
    assert.is(await response.text(), text)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal([first.connections(), second.connections()], [1, 1])
})

test('a WebSocket connects to what was checked', async () => {
  await using trap = await httpServer((_, response) => response.end(), '127.0.0.3')
  let asked = 0
  const resolve = () => Promise.resolve([asked++ === 0 ? '127.0.0.2' : '127.0.0.3'])
  const egress = egressOf({ resolve, allow: ['127.0.0.2'] })
  const opened = egress.connect(`ws://rebind.test:${trap.port}/`, [], 0, AbortSignal.timeout(5000))
  assert.match(await refusal(opened), /ECONNREFUSED|refused/)
  assert.is(asked, 1)
  assert.is(trap.connections(), 0)
})

test('a connection that one function may use is none for another that may not', async () => {
  await using server = await httpServer((_, response) => response.end('inner'), '127.0.0.2')
  const url = `http://127.0.0.2:${server.port}/`
  const egress = createEgress({ policy: 'public', allow: [] })
  const trusted = egress(resolveLimits({ egress_allow: ['127.0.0.2'] }))
  const other = egress(resolveLimits({}))
  assert.is(await (await trusted.fetch(new Request(url), 0)).text(), 'inner')
  assert.match(await refusal(other.fetch(new Request(url), 0)), 'not a public address')
  // A connection is free again in the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(await (await trusted.fetch(new Request(url), 0)).text(), 'inner')
  assert.is(server.connections(), 1, 'the trusted one kept its connection')
})

test('of several addresses one that answers is used', async () => {
  await using server = await httpServer((_, response) => response.end('here'), '127.0.0.2')
  const resolve = () => Promise.resolve(['127.0.0.3', '127.0.0.4', '127.0.0.2'])
  const egress = egressOf({ resolve, allow: ['127.0.0.0/8'] })
  const response = await egress.fetch(new Request(`http://many.test:${server.port}/`), 0)
  assert.is(await response.text(), 'here')
})

test('answers are kept for a moment, failures are not', async () => {
  let now = 0
  let asked = 0
  let fails = true
  const resolve = remembering(
    async (host) => {
      asked++
      if (fails) throw new Error('no such name')
      return [`${host} ${asked}`]
    },
    () => now,
  )
  const failed = await Promise.allSettled([resolve('a'), resolve('a')])
  assert.equal(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.is(asked, 1, 'asked once for two')
  fails = false
  assert.equal(await resolve('a'), ['a 2'])
  now += 4999
  assert.equal(await resolve('a'), ['a 2'])
  now += 1
  assert.equal(await resolve('a'), ['a 3'])
})

test('names beyond measure do not pile up', async () => {
  let asked = 0
  const resolve = remembering(async () => [String(asked++)])
  for (let at = 0; at < 6000; at++) await resolve(`${at}.test`)
  assert.equal(await resolve('5999.test'), ['5999'])
  assert.equal(await resolve('0.test'), ['6000'])
})

test.run()
