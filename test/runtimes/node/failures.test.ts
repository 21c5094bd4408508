// @node
// @timeout 90
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import { isAlive, NodeGuest, startNode } from './node-guest.ts'

const test = suite('what goes wrong in a function on a whole Node')

/** SIGXCPU, as a shell tells it. */
const CPU_EXIT = 152

test('an error names the author’s module alone, whatever was awaited before', async () => {
  await using guest = await startNode(
    `class Broken extends Error { name = 'Broken' }
    async function deep() { await new Promise((resolve) => setTimeout(resolve, 1)); throw new Broken('it is') }
    exports.handler = async () => { await deep() }`,
  )
  const { fail } = await guest.call()
  assert.equal([fail?.kind, fail?.name, fail?.message], ['threw', 'Broken', 'it is'])
  assert.match(
    fail!.stack,
    /\n {4}at deep \(main\.js:\d+:\d+\)\n {4}at async exports\.handler \(main\.js:\d+:\d+\)/,
  )
  assert.not.match(fail!.stack, 'faas-')
})

test('an answer that cannot be sent, and things thrown that are no errors', async () => {
  await using guest = await startNode(
    'exports.handler = ({ body }) => { if (body === "text") throw "a text"; if (body === "object") throw { a: 1 }; return { big: 1n } }',
  )
  assert.is((await guest.call({}, 'x')).fail?.kind, 'unsendable')
  assert.is((await guest.call({}, 'text')).fail?.message, 'a text')
  assert.match((await guest.call({}, 'object')).fail!.message, 'a: 1')
})

test('what nobody catches fails its own call at once, and no other', async () => {
  await using guest = await startNode(`
    import { EventEmitter } from 'node:events'
    export const handler = ({ body }) => {
      const never = new Promise(() => {})
      if (body === 'timer') { setTimeout(() => { throw new RangeError('late') }, 10); return never }
      if (body === 'event') { setImmediate(() => new EventEmitter().emit('error', new Error('unheard'))); return never }
      if (body === 'after') { setTimeout(() => { throw new Error('too late') }, 30); return 'answered' }
      return new Promise((resolve) => setTimeout(resolve, 100, 'unharmed'))
    }`)
  const other = guest.json({}, 'other')
  const timer = guest.open({}, 'timer')
  const [{ fail }, event, after] = await Promise.all([
    timer.over,
    guest.call({}, 'event'),
    guest.json({}, 'after'),
  ])
  assert.equal([fail?.kind, fail?.name, fail?.message], ['threw', 'RangeError', 'late'])
  assert.match(fail!.stack, /main\.js:\d+:\d+/)
  assert.is(event.fail?.message, 'unheard')
  assert.is(after, 'answered')
  assert.is(await other, 'unharmed')
  assert.match(guest.lines(`r${timer.id}`).join(), /^Uncaught RangeError: late\n {4}at .*main\.js:/)
  await until(() => guest.logs.some((line) => line.m.includes('too late')), 'the line of the last one')
})

test('a rejection that nobody handles is a line and costs no call', async () => {
  await using guest = await startNode(
    'exports.handler = async () => { Promise.reject(new Error("floating")); await new Promise((r) => setTimeout(r, 10)); return 1 }',
  )
  const call = guest.open()
  assert.is((await call.over).body.toString(), '1')
  assert.match(guest.lines(`r${call.id}`)[0]!, /^Uncaught \(in promise\) Error: floating/)
})

test('an author who listens for either has the say', async () => {
  await using guest = await startNode(`
    const seen = []
    process.on('uncaughtException', (error) => seen.push(error.message))
    process.on('unhandledRejection', (error) => seen.push(error.message))
    export const handler = async () => {
      setTimeout(() => { throw new Error('one') }, 1); Promise.reject(new Error('two'))
      await new Promise((resolve) => setTimeout(resolve, 30)); return seen.sort() }`)
  assert.equal(await guest.json(), ['one', 'two'])
  assert.not.ok(guest.logs.some((line) => line.m.startsWith('Uncaught')))
})

test('process.exit, abort and a signal end the process with their code', async () => {
  const code =
    'exports.handler = ({ body }) => { if (body === "abort") process.abort(); if (body === "exit") process.exit(3); process.kill(process.pid, body) }'
  for (const [way, exit] of [
    ['exit', 3],
    ['abort', 134],
    ['SIGKILL', 137],
    ['SIGTERM', 143],
  ] as const) {
    const guest = await startNode(code)
    guest.open({}, way)
    assert.is(await guest.exited, exit, way)
  }
  const atLoad = await startNode('process.exit(0)\nexport const handler = 1')
  assert.is(await atLoad.exited, 0)
  assert.is(atLoad.startFailed, null)
})

test('a call that burns more CPU than it may ends the process; one that waits does not', async () => {
  const code =
    'exports.handler = async ({ body }) => { if (body === "burn") for (;;); await new Promise((r) => setTimeout(r, 400)); return "slept" }'
  const guest = await startNode(code, { cpuMs: 200, concurrency: 1 })
  assert.is(await guest.json({}, 'wait'), 'slept')
  assert.is(await guest.json({}, 'wait'), 'slept')
  const began = Date.now()
  guest.open({}, 'burn')
  assert.is(await guest.exited, CPU_EXIT)
  assert.ok(Date.now() - began > 150)
  const stubborn = await startNode(`process.on('SIGXCPU', () => {});${code}`, { cpuMs: 100, concurrency: 1 })
  stubborn.open({}, 'burn')
  assert.is(await stubborn.exited, 137)
})

test('the limit is of a call: many short ones one after the other pass', async () => {
  await using guest = await startNode(
    'exports.handler = () => { const until = performance.now() + 20; while (performance.now() < until); return 1 }',
    { cpuMs: 150, concurrency: 1 },
  )
  for (let call = 0; call < 20; call++) assert.is(await guest.json(), 1)
})

test('another memory limit has Node started again with a heap for it, unseen', async () => {
  const code =
    'exports.handler = () => [process.pid, Math.round(require("node:v8").getHeapStatistics().heap_size_limit / 1048576), process.argv.length, process.execArgv.length]'
  await using usual = await startNode(code)
  const [pid, heap] = await usual.json<number[]>()
  assert.is(pid, usual.hello!.pid)
  assert.ok(heap! > 90 && heap! < 132, `${heap} MB`)
  await using large = await startNode(code, { memoryMb: 512 })
  const [second, more, argv, execArgv] = await large.json<number[]>()
  assert.is(large.hellos, 1)
  assert.is.not(second, large.hello!.pid)
  assert.not.ok(isAlive(large.hello!.pid))
  assert.ok(more! > 400 && more! < 520, `${more} MB`)
  assert.equal([argv, execArgv], [2, 0])
  assert.is(await large.stop(), 0)
})

test('a heap that leaks ends the process with V8’s own words, before long', async () => {
  const guest = await startNode(
    'exports.handler = () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) }',
    { memoryMb: 64 },
  )
  guest.open()
  assert.is(await guest.exited, 134)
  assert.match(guest.stderr, 'heap out of memory')
  assert.not.match(guest.stderr, /^Aborted/m)
})

test('input that is no runner, or no frames, ends it', async () => {
  const broken = await startNode('exports.handler = () => 1')
  broken.child.stdin!.write(Buffer.from([1, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]))
  assert.type(await broken.exited, 'number')
  const early = new NodeGuest()
  assert.is(await early.stop(), 0)
})

test.run()
