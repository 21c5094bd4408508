// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Endpoint } from '../../src/egress/dial.ts'
import { hop } from '../../src/egress/hop.ts'
import { Pools } from '../../src/egress/pools.ts'
import { until } from '../support/runtime-harness.ts'
import { httpServer } from './servers.ts'

const test = suite('pools of connections')

function send(pools: Pools, name: string, port: number, path = '/'): Promise<Response> {
  const url = new URL(`http://${name}:${port}${path}`)
  const endpoint: Endpoint = { name, addresses: ['127.0.0.1'], port, secure: false }
  return hop(pools, endpoint, new Request(url), url, 0)
}

test('a pool is gone when its last connection is', async () => {
  const pools = new Pools()
  const server = await httpServer((_, response) => response.end('x'))
  for (let at = 0; at < 10; at++) await (await send(pools, `${at}.test`, server.port)).text()
  assert.is(pools.size, 10)
  await server[Symbol.asyncDispose]()
  await until(() => pools.size === 0, 'all pools are gone')
})

test('hosts that cannot be reached leave no pool behind', async () => {
  const pools = new Pools()
  const server = await httpServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => send(pools, `${at % 5}.test`, server.port)),
  )
  assert.ok(results.every(({ status }) => status === 'rejected'))
  await until(() => pools.size === 0, 'all pools are gone')
})

test('a server that closes after each answer loses none', async () => {
  const pools = new Pools()
  await using server = await httpServer((_, response) => response.setHeader('connection', 'close').end('x'))
  const texts = await Promise.all(
    Array.from({ length: 50 }, async () => (await send(pools, 'a.test', server.port)).text()),
  )
  assert.equal(texts, Array(50).fill('x'))
  await until(() => pools.size === 0, 'the pool is gone')
})

test.run()
