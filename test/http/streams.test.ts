// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DeployMessage } from '../../src/deploy/deployer.ts'
import type { LogLine } from '../../src/domain/outcome.ts'
import { followLog } from '../../src/http/log-follower.ts'
import { StoreError } from '../../src/store/store.ts'
import { HELLO, type HttpApp, httpApp, until } from '../support/http-app.ts'

const test = suite<{ app: HttpApp; id: number }>('event streams')
test.before.each(async (context) => {
  context.app = await httpApp()
  context.id = (await context.app.ask('POST', '/callbacks', HELLO)).body.callback_id
})
test.after.each(({ app }) => app.close())

function line(callback_id: number, message: string): LogLine {
  const time = '2026-01-01T00:00:00.000Z'
  return { callback_id, version: 1, instance_id: 'i1', request_id: null, level: 'info', time, message }
}

/** Reads a stream of events and keeps them apart; `text` is everything as it came. */
async function listen(app: HttpApp, path: string, headers: Record<string, string> = {}) {
  const response = await app.fetch(new Request(`http://127.0.0.1:8000${path}`, { headers }), {})
  assert.is(response.status, 200)
  assert.match(response.headers.get('content-type')!, 'text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const stream = { text: '', ended: false, cancel: () => reader.cancel() }
  const pump = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) stream.text += part.value
    stream.ended = true
  }
  void pump()
  const events = () =>
    stream.text.split('\n\n').flatMap((event) => {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data === undefined) return []
      const id = /^id: (.*)$/m.exec(event)?.[1]
      return [{ id, event: /^event: (.*)$/m.exec(event)?.[1], data: JSON.parse(data) }]
    })
  return { stream, events, messages: () => events().map((event) => event.data.message as string) }
}

test('build events are the very messages of the feed, until the client leaves', async ({ app, id }) => {
  const { stream, events } = await listen(app, '/deploy/events')
  await until(() => app.feed.listeners === 1, 'the stream listens')
  const messages: DeployMessage[] = [
    { type: 'status', callback_id: id, status: 'start', message: 'begins' },
    { type: 'log', callback_id: id, message: 'a line\nand another' },
    { type: 'error', callback_id: id, message: 'no' },
  ]
  for (const message of messages) app.feed.publish(message)
  await until(() => events().length === 3, 'three events came')
  assert.equal(
    events().map((event) => event.data),
    messages,
  )
  await stream.cancel()
  await until(() => app.feed.listeners === 0, 'nothing listens any more')
})

test('a slow client costs a bounded number of messages and is told', async ({ app, id }) => {
  const response = await app.fetch(new Request('http://127.0.0.1:8000/deploy/events'), {})
  await until(() => app.feed.listeners === 1, 'the stream listens')
  for (let n = 0; n < 5000; n++) app.feed.publish({ type: 'log', callback_id: id, message: `m${n}` })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('"m4999"')) text += (await reader.read()).value
  await reader.cancel()
  assert.match(text, 'messages were dropped')
  assert.ok(text.split('data: ').length < 1100, `${text.split('data: ').length} events`)
})

test('HEAD opens no stream', async ({ app, id }) => {
  for (const path of ['/deploy/events', `/callbacks/${id}/logs?follow=1`]) {
    const answer = await app.ask('HEAD', path)
    assert.is(answer.status, 200)
    assert.match(answer.headers.get('content-type')!, 'text/event-stream')
  }
  assert.is(app.feed.listeners, 0)
  assert.is(app.observer.followers, 0)
})

test('a followed log joins past and present without a gap or a line twice', async ({ app, id }) => {
  for (let n = 0; n < 150; n++) app.observer.log(line(id, `m${n}`))
  const { stream, events, messages } = await listen(app, `/callbacks/${id}/logs?follow=1&limit=20`)
  let n = 150
  for (let burst = 0; burst < 30; burst++) {
    for (let k = 0; k < 20; k++) app.observer.log(line(id, `m${n++}`))
    app.observer.log(line(id + 1, 'of another callback'))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => messages().at(-1) === `m${n - 1}`, 'the last line came')
  const numbers = messages().map((message) => Number(message.slice(1)))
  assert.is(numbers.at(-1), n - 1)
  assert.ok(numbers[0]! >= 130, `begins at ${numbers[0]}`)
  assert.equal(
    numbers,
    numbers.map((_, index) => numbers[0]! + index),
  )
  const ids = events().map((event) => Number(event.id))
  assert.ok(ids.every((value, index) => index === 0 || value > ids[index - 1]!))
  await stream.cancel()
  await until(() => app.observer.followers === 0, 'nothing follows any more')
})

test('a stream that broke goes on behind the last event', async ({ app, id }) => {
  for (const message of ['a', 'b', 'c']) app.observer.log(line(id, message))
  await app.observer.flush()
  const [first] = await app.store.records.logs(id, { limit: 10 })
  const { stream, messages } = await listen(app, `/callbacks/${id}/logs?follow=1`, {
    'last-event-id': String(first!.id),
  })
  await until(() => messages().length === 2, 'two lines came')
  app.observer.log(line(id, 'd'))
  await until(() => messages().length === 3, 'the new line came')
  assert.equal(messages(), ['b', 'c', 'd'])
  await stream.cancel()
})

test('lines of another gateway on the same database come too', async ({ app, id }) => {
  const { stream, messages } = await listen(app, `/callbacks/${id}/logs?follow`)
  await until(() => app.observer.followers === 1, 'the stream follows')
  await app.store.records.addLogs([line(id, 'from afar')])
  await until(() => messages().includes('from afar'), 'the line came')
  await app.store.records.addLogs([line(id, 'from afar again')])
  await until(() => messages().includes('from afar again'), 'the next line came')
  await stream.cancel()
})

test('lines that the database dropped before they could be read are counted', async ({ app, id }) => {
  const follower = followLog(app, { callbackId: id, backfill: 10 })
  assert.equal(await follower.next(), [])
  for (let n = 0; n < 10; n++) app.observer.log(line(id, `m${n}`))
  await app.observer.flush()
  await app.store.records.trim({ invocations: 1, logs: 4, exits: 1 })
  const [note, ...rest] = await follower.next()
  assert.equal(note, { event: 'note', data: { message: '6 lines were dropped before they could be sent' } })
  assert.is(rest.length, 4)
  assert.equal(await follower.next(), [])
  follower.close()
})

test('a failing database ends a followed log with a problem', async ({ app, id }) => {
  const { stream, events } = await listen(app, `/callbacks/${id}/logs?follow=1`)
  await until(() => app.observer.followers === 1, 'the stream follows')
  app.store.records.logs = async () => {
    throw new StoreError('Cannot read the database', 'SQLITE_IOERR')
  }
  app.observer.log(line(id, 'x'))
  await until(() => stream.ended, 'the stream ended')
  assert.is(events().at(-1)?.event, 'error')
  assert.is(events().at(-1)?.data.code, 'store_unavailable')
  assert.is(app.observer.followers, 0)
})

test('streams end when the gateway shuts down', async ({ app, id }) => {
  const first = await listen(app, '/deploy/events')
  const second = await listen(app, `/callbacks/${id}/logs?follow=1`)
  app.state.draining = true
  await until(() => first.stream.ended && second.stream.ended, 'both streams ended')
  assert.is(app.feed.listeners, 0)
  assert.is(app.observer.followers, 0)
})

test.run()
