// @timeout 120
import { readdir, readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { startGateway } from './gateway.ts'
import { exchange, openRaw, requestOf } from './raw.ts'

const test = suite('many hostile clients, and what they leave behind')
const gateway = await startGateway({ FAAS_MAX_CALL_BODY_BYTES: '200000' })
const { port } = gateway
const PATIENCE = 30_000
const ROUNDS = 300
const AT_ONCE = 20
/** Heaps grow and shrink; a leak of a few kB a round would show beyond this. MiB. */
const GROWTH = 96

const served = await gateway.serve(`export default async (request) => {
  const { search } = new URL(request.url)
  if (search === '?throw') throw new Error('x')
  if (search === '?stream')
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)) }))
  if (search === '?slow') await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
  return new Response(await request.text())
}`)

type Round = () => Promise<void>
const at = (search: string) => `/api/${served.path}${search}`

async function hangUp(bytes: string, after: string | number): Promise<void> {
  const client = await openRaw(port)
  client.write(bytes)
  if (typeof after === 'string') await client.until(after)
  else await new Promise((resolve) => setTimeout(resolve, after))
  client.destroy()
}

const HOSTILE: readonly Round[] = [
  () => hangUp(requestOf(`GET ${at('?slow')}`), 5),
  () => hangUp(requestOf(`GET ${at('?stream')}`), 'HTTP/1.1 200'),
  () => hangUp(requestOf(`POST ${at('')}`, ['content-length: 1000'], 'abc'), 2),
  () => hangUp(requestOf(`POST ${at('')}`, ['content-length: 150000'], 'x'.repeat(70_000)), 2),
  () => hangUp(requestOf(`POST ${at('')}`, ['transfer-encoding: chunked'], '3\r\nabc\r\n'), 2),
  () => hangUp('GET /health HTTP/1.1\r\nhost: x\r\nx-never', 0),
  () => hangUp('garbage\r\n\r\n', 2),
  () => hangUp('', 0),
  async () => void (await exchange(port, requestOf(`POST ${at('')}`, ['content-length: 200001']))),
  async () => void (await exchange(port, requestOf(`GET ${at('?throw')}`))),
  async () => void (await exchange(port, requestOf(`GET /api/${'%2e/'.repeat(50)}`))),
  async () => void (await exchange(port, requestOf(`GET ${at('?')}`) + requestOf(`GET ${at('?')}`))),
]

async function rounds(count: number): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let mine = next++; mine < count; mine = next++) await HOSTILE[mine % HOSTILE.length]!()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** Open files and sockets of the gateway's process; null where the system does not tell. */
async function handles(): Promise<number | null> {
  return readdir(`/proc/${gateway.pid}/fd`).then(
    (entries) => entries.length,
    () => null,
  )
}

/** Resident memory. MiB. */
async function memory(): Promise<number | null> {
  const status = await readFile(`/proc/${gateway.pid}/status`, 'utf8').catch(() => '')
  const kib = /VmRSS:\s+(\d+) kB/.exec(status)?.[1]
  return kib === undefined ? null : Number(kib) / 1024
}

test('200 connections at once are all served', async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => openRaw(port)))
  for (const [index, client] of clients.entries())
    client.write(requestOf(`POST ${at('')}`, [`content-length: ${String(index).length}`], String(index)))
  const answers = await Promise.all(clients.map((client) => client.answer()))
  assert.equal(
    answers.map((answer) => `${answer.status} ${answer.body}`),
    clients.map((_, index) => `200 ${index}`),
  )
  for (const client of clients) client.destroy()
  await gateway.alive('200 connections')
})

test('hundreds of hostile rounds leave no socket, no call and no memory behind', async () => {
  await rounds(HOSTILE.length * 5)
  await until(async () => (await served.inFlight()) === 0, 'the first calls have ended', PATIENCE)
  const before = { handles: await handles(), memory: await memory() }
  await rounds(ROUNDS)
  await gateway.alive('hostile rounds')
  await until(async () => (await served.inFlight()) === 0, 'every call has ended', PATIENCE)
  if (before.handles !== null) {
    // The test's own connections, kept alive for a while, are the slack.
    await until(
      async () => ((await handles()) ?? 0) <= before.handles! + 5,
      'every socket was closed',
      PATIENCE,
    )
  }
  if (before.memory !== null) {
    const grown = ((await memory()) ?? 0) - before.memory
    assert.ok(grown < GROWTH, `${Math.round(grown)} MiB more after ${ROUNDS} rounds`)
  }
})

test('the gateway ends in peace after all of it', async () => {
  assert.equal(await gateway.stop(), { code: 0, signal: null })
})

test.after(async () => {
  await gateway.kill()
})
test.run()
