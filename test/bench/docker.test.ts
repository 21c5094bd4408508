import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseMemory } from '../../bench/docker/container-memory.ts'
import { dockerCase } from '../../bench/docker/docker-case.ts'
import { transfer } from '../../bench/docker/transfer.ts'

const test = suite('docker in the bench')

test('the memory of a container is read from control groups of either version', () => {
  const first = 'rss 1\ninactive_file 2\ntotal_rss 300\ntotal_inactive_file 200\n'
  assert.equal(parseMemory(1000, first), { total: 1000, anonymous: 300, active: 800 })
  const second = 'anon 400\nfile 500\ninactive_file 100\n'
  assert.equal(parseMemory(1000, second), { total: 1000, anonymous: 400, active: 900 })
})

test('without an engine a case measures nothing and says why', async () => {
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = 'tcp://127.0.0.1:1'
  try {
    const never = dockerCase('never', () => Promise.reject(new Error('it was measured')))
    const { series, targets, notes } = await never.run({
      quick: true,
      rounds: null,
      progress: () => undefined,
    })
    assert.equal([series.length, targets.length, notes.length], [0, 0, 1])
    assert.match(notes[0]!, /no Docker engine answers: .+/)
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST
    else process.env.DOCKER_HOST = before
  }
})

test('a transfer sends so many bytes as a stream and counts what comes back', async () => {
  const server = createServer(async (request, response) => {
    let size = 0
    for await (const piece of request) size += (piece as Buffer).length
    response.statusCode = request.url === '/broken' ? 500 : 200
    response.end(`${request.method} ${request.headers['transfer-encoding']} ${size}`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const sent = await transfer(port, '/', 200_001)
    assert.is(sent.text, 'POST chunked 200001')
    assert.is(sent.received, sent.text.length)
    assert.is((await transfer(port, '/', 0)).text, 'GET undefined 0')
    const error = await transfer(port, '/broken', 1).catch((reason: unknown) => reason)
    assert.match(String(error), /Cannot measure \/broken: it answered 500/)
  } finally {
    server.close()
  }
})

test.run()
