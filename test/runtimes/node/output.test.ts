// @node
// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import { startNode } from './node-guest.ts'

const test = suite('what a function on a whole Node prints')

test('each line has its call, after awaits, timers, callbacks and with many calls at once', async () => {
  await using guest = await startNode(`
    import { readFile } from 'node:fs'
    import { EventEmitter } from 'node:events'
    export async function handler({ body }) {
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      console.log('one', body)
      await pause(Math.random() * 10)
      console.warn('two', body)
      await new Promise((resolve) => readFile('/proc/self/stat', () => { console.error('three', body); resolve() }))
      process.stdout.write('four ')
      await pause(Math.random() * 5)
      process.stdout.write(body + '\\nfive ' + body)
      return null
    }`)
  const calls = Array.from({ length: 40 }, (_, index) => guest.open({}, `b${index}`))
  await Promise.all(calls.map((call) => call.over))
  for (const [index, call] of calls.entries()) {
    const own = guest.logs.filter((line) => line.r === `r${call.id}`)
    assert.equal(
      own.map((line) => [line.l, line.m]),
      [
        ['info', `one b${index}`],
        ['warn', `two b${index}`],
        ['error', `three b${index}`],
        ['info', `four b${index}`],
        ['info', `five b${index}`],
      ],
    )
  }
})

test('what was begun before a call, or goes on behind it, is told apart', async () => {
  await using guest = await startNode(`
    console.log('loading')
    const beat = setInterval(() => console.log('beat'), 20)
    export const handler = () => { setTimeout(() => console.log('behind'), 50); return 1 }`)
  assert.equal(guest.lines(null).slice(0, 1), ['loading'])
  const call = guest.open()
  await call.over
  await until(() => guest.lines(`r${call.id}`).length > 0, 'the line behind the answer')
  assert.equal(guest.lines(`r${call.id}`), ['behind'])
  assert.ok(guest.lines(null).includes('beat'))
})

test('one console call is one line, with its level; Node’s own formatting', async () => {
  await using guest = await startNode(`exports.handler = () => {
    console.log('a\\nb'); console.debug('%s is %d', 'x', 5); console.info({ a: [1, { b: 2 }] })
    console.table([{ a: 1 }]); console.assert(false, 'no'); console.group('g'); console.log('in'); console.groupEnd()
    console.dir(new Map([[1, 2]])); console.trace('here'); console.count(); process.stderr.write('e1\\r\\ne2\\n')
    process.emitWarning('careful')
    return null }`)
  const call = guest.open()
  await call.over
  await until(() => guest.logs.some((line) => line.m.includes('careful')), 'the warning')
  const own = guest.logs.filter((line) => line.r === `r${call.id}`).map((line) => [line.l, line.m])
  assert.equal(own.slice(0, 3), [
    ['info', 'a\nb'],
    ['debug', 'x is 5'],
    ['info', '{ a: [ 1, { b: 2 } ] }'],
  ])
  assert.match(own[3]![1]!, /│/)
  assert.equal(own.slice(4, 8), [
    ['error', 'Assertion failed: no'],
    ['info', 'g'],
    ['info', '  in'],
    ['info', 'Map(1) { 1 => 2 }'],
  ])
  assert.is(own[8]![0], 'debug')
  assert.match(own[8]![1]!, /^Trace: here\n {4}at .*main\.js:\d+/)
  assert.equal(own.slice(9, 12), [
    ['info', 'default: 1'],
    ['error', 'e1'],
    ['error', 'e2'],
  ])
  assert.ok(guest.logs.some((line) => line.l === 'warn' && line.m === 'Warning: careful'))
})

test('raw writes and child processes print to stderr, and never on the wire', async () => {
  await using guest = await startNode(`
    import fs from 'node:fs'
    import { execFileSync, spawn } from 'node:child_process'
    export const handler = async () => {
      fs.writeSync(1, 'raw one\\n'); fs.writeSync(2, 'raw two\\n'); fs.writeSync(1, Buffer.from([0, 255, 17, 0, 0, 0, 16]))
      const child = spawn('sh', ['-c', 'echo inherited; echo too >&2; ls -l /proc/self/fd'], { stdio: 'inherit' })
      await new Promise((resolve) => child.once('exit', resolve))
      const wire = fs.readlinkSync('/proc/self/fd/4')
      const open = execFileSync('sh', ['-c', 'ls -l /proc/self/fd'], { stdio: ['ignore', 'pipe', 'inherit'] }).toString()
      return { leaked: open.includes(wire), input: fs.readlinkSync('/proc/self/fd/0') }
    }`)
  assert.equal(await guest.json(), { leaked: false, input: '/dev/null' })
  for (const text of ['raw one', 'raw two', 'inherited', 'too']) assert.match(guest.stderr, text)
  assert.equal(await guest.json(), { leaked: false, input: '/dev/null' })
})

test('binary and endless output costs its lines, not the answer', async () => {
  await using guest = await startNode(`
    import fs from 'node:fs'
    export const handler = async () => {
      const junk = Buffer.alloc(10_000_000, Buffer.from([0, 200, 13, 7]))
      process.stdout.write(junk)
      process.stderr.write(junk)
      fs.writeSync(1, junk.subarray(0, 50_000))
      process.stdout.end('still open')
      process.stdout.destroy()
      for (let line = 0; line < 50_000; line++) console.log('line', line)
      return 'fine'
    }`)
  assert.is(await guest.json(), 'fine')
  await until(() => guest.logs.some((line) => line.m.includes('dropped')), 'the count of dropped lines')
  assert.ok(guest.logs.length < 5000)
  assert.ok(guest.logs.every((line) => line.m.length < 20_000))
  assert.is(await guest.json(), 'fine')
})

test('what is printed before an endless loop, an exit or an abort is told', async () => {
  await using looping = await startNode('exports.handler = () => { console.log("before"); for (;;); }')
  const call = looping.open()
  await until(() => looping.lines(`r${call.id}`).includes('before'), 'the line')
  process.kill(looping.hello!.pid, 'SIGKILL')
  assert.is(await looping.exited, 137)
  const exiting = await startNode(
    'exports.handler = () => { process.on("exit", () => console.log("last")); for (let i = 0; i < 30; i++) console.log("n" + i); process.stdout.write("half"); process.exit(7) }',
  )
  exiting.open()
  assert.is(await exiting.exited, 7)
  const lines = exiting.logs.map((line) => line.m)
  for (const text of ['n0', 'n29', 'half', 'last']) assert.ok(lines.includes(text), text)
})

test('packages that write to the streams of console, or in its place, work', async () => {
  await using guest = await startNode(
    `
    import { Console } from 'node:console'
    import { Readable } from 'node:stream'
    import { pipeline } from 'node:stream/promises'
    const own = new Console(process.stdout, process.stderr)
    exports = {}
    export const handler = async () => {
      own.log('own'); await pipeline(Readable.from(['piped\\n']), process.stdout)
      const seen = []; const write = process.stdout.write
      process.stdout.write = (text) => seen.push(text)
      console.log('caught'); process.stdout.write = write; console.log('back')
      return [seen, process.stdout.isTTY ?? null, process.stdout.fd]
    }`.replace('exports = {}\n', ''),
  )
  assert.equal(await guest.json(), [['caught\n'], null, 1])
  assert.equal(guest.lines('r2'), ['own', 'piped', 'back'])
})

test.run()
