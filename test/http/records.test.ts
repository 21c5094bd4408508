import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import type { Invocation, LogLine } from '../../src/domain/outcome.ts'
import { DeploymentView, InstancesView, InvocationView, LogView } from '../../src/http/schemas/records.ts'
import type { InstanceView } from '../../src/observe/observer.ts'
import type { InstanceExit } from '../../src/store/store.ts'
import { HELLO, type HttpApp, httpApp } from '../support/http-app.ts'

const live: InstanceView = {
  instance_id: 'i1',
  callback_id: 1,
  version: 1,
  runtime: 'isolate',
  state: 'ready',
  in_flight: 2,
  requests: 9,
  memory_mb: 5.5,
  peak_memory_mb: null,
  cpu_ms: 12,
  generation: 1,
  started_at: '2026-01-01T00:00:00.000Z',
  age_ms: 5,
}

const test = suite<{ app: HttpApp; id: number; at: string }>('records of a callback')
test.before.each(async (context) => {
  context.app = await httpApp({}, { instances: (callback_id) => [{ ...live, callback_id }] })
  context.id = (
    await context.app.ask('POST', '/callbacks', { ...HELLO, env: { A: 'hunter2' } })
  ).body.callback_id
  context.at = `/callbacks/${context.id}`
})
test.after.each(({ app }) => app.close())

function line(callback_id: number, message: string): LogLine {
  const time = '2026-01-01T00:00:00.000Z'
  return { callback_id, version: 1, instance_id: 'i1', request_id: 'r1', level: 'info', time, message }
}

test('deployments are listed newest first, without code and environment, with the address of their log', async ({
  app,
  id,
  at,
}) => {
  for (const _ of [1, 2]) {
    await app.ask('POST', '/deploy', { callback_id: id, status: true })
    await app.deployer.finish(id)
  }
  await app.store.deployments.appendLog(id, 2, ['bundling', '12 kB'])
  const { status, body, raw } = await app.ask('GET', `${at}/deployments`)
  assert.is(status, 200)
  v.parse(v.array(DeploymentView), body)
  assert.equal(
    body.map((row: { version: number; status: string }) => [row.version, row.status]),
    [
      [2, 'active'],
      [1, 'retired'],
    ],
  )
  assert.not.match(raw, 'hunter2')
  const log = await app.ask('GET', body[0].log)
  assert.is(log.status, 200)
  assert.match(log.headers.get('content-type')!, 'text/plain')
  assert.is(log.raw, 'bundling\n12 kB\n')
  assert.is((await app.ask('GET', `${at}/deployments/3/log`)).status, 404)
  assert.is((await app.ask('GET', `${at}/deployments/x/log`)).status, 404)
})

test('logs are oldest first, bounded, and what was just printed is there', async ({ app, id, at }) => {
  for (const message of ['one', 'two', 'three']) app.observer.log(line(id, message))
  const { status, body } = await app.ask('GET', `${at}/logs`)
  assert.is(status, 200)
  v.parse(v.array(LogView), body)
  const messages = (rows: LogLine[]) => rows.map((row) => row.message)
  assert.equal(messages(body), ['one', 'two', 'three'])
  assert.equal(messages((await app.ask('GET', `${at}/logs?limit=2`)).body), ['two', 'three'])
  assert.equal(messages((await app.ask('GET', `${at}/logs?after=${body[0].id}&limit=1`)).body), ['two'])
  assert.equal((await app.ask('GET', `${at}/logs?after=${body[2].id}`)).body, [])
})

test('invocations are newest first', async ({ app, id, at }) => {
  const row: Invocation = {
    request_id: 'r1',
    callback_id: id,
    version: 1,
    runtime: 'isolate',
    instance_id: 'i1',
    status: 200,
    lambda_status_code: 200,
    start: 'cold',
    phases: { start: 3, handler: 1.5, total: 5 },
    peak_memory_mb: 4.5,
    outcome: 'answered',
    error: null,
    time: '2026-01-01T00:00:00.000Z',
  }
  await app.store.records.addInvocations([row, { ...row, request_id: 'r2', outcome: 'threw', error: 'boom' }])
  const { status, body } = await app.ask('GET', `${at}/invocations`)
  assert.is(status, 200)
  v.parse(v.array(InvocationView), body)
  assert.equal(
    body.map((one: Invocation) => one.request_id),
    ['r2', 'r1'],
  )
  assert.is((await app.ask('GET', `${at}/invocations?limit=1`)).body.length, 1)
})

test('instances are those that live and those that have ended, with the reason', async ({ app, id, at }) => {
  const exit: InstanceExit = {
    instance_id: 'i0',
    callback_id: id,
    version: 1,
    runtime: 'isolate',
    reason: 'memory',
    detail: 'used more than 128 MB',
    limit: 128,
    used: 130.2,
    cpu_ms: 4,
    peak_memory_mb: 130.2,
    last_request_id: 'r1',
    requests: 3,
    started_at: '2026-01-01T00:00:00.000Z',
    ended_at: '2026-01-01T00:01:00.000Z',
    last_logs: [
      { request_id: 'r1', level: 'info', time: '2026-01-01T00:00:59.000Z', message: 'the last words' },
    ],
  }
  await app.store.records.addExits([exit])
  const { status, body } = await app.ask('GET', `${at}/instances`)
  assert.is(status, 200)
  v.parse(InstancesView, body)
  assert.equal(body, { instances: [{ ...live, callback_id: id }], ended: [exit] })
})

test('a callback that does not exist and a query that cannot be are refused everywhere', async ({
  app,
  at,
}) => {
  for (const list of ['deployments', 'logs', 'invocations', 'instances', 'logs?follow=1']) {
    const answer = await app.ask('GET', `/callbacks/999999/${list}`)
    assert.is(answer.status, 404, list)
    assert.match(answer.body.detail, 'callback 999999')
  }
  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1e2',
    'after=-1',
    'follow=maybe',
    'limit=',
  ]) {
    const answer = await app.ask('GET', `${at}/logs?${query}`)
    assert.is(answer.status, 422, query)
    assert.is(answer.body.errors[0].path, query.split('=')[0])
  }
  assert.is((await app.ask('GET', `${at}/logs?unrelated=1`)).status, 200)
})

test.run()
