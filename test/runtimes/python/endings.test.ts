// @node
// @serial
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { fixture, PYTHON, processesWith, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('how Python calls end from outside')
const test = needing(suiteOf, PYTHON)

let marks = 0
/** An argument for sleep that no other process has. */
const mark = () => `98${process.pid}.${++marks}`
const query = (text: string) => ({ url: `http://localhost/api/x?${text}` })

for (const [name, code] of [
  ['a busy loop', 'def handler(event):\n  if event["body"] == "fine": return "fine"\n  while True: pass'],
  [
    'a sleep',
    'import time\ndef handler(event):\n  if event["body"] == "fine": return "fine"\n  time.sleep(60)',
  ],
  [
    'an asynchronous wait',
    'import asyncio\nasync def handler(event):\n  if event["body"] == "fine": return "fine"\n  await asyncio.sleep(60)',
  ],
  [
    'a handler that ignores signals',
    'import signal, time\ndef handler(event):\n  if event["body"] == "fine": return "fine"\n  for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n  while True:\n    try: time.sleep(60)\n    except BaseException: pass',
  ],
] as const)
  test(`${name} is ended alone at its deadline`, () =>
    withPython(
      code,
      async (guest) => {
        const stuck = guest.open()
        const beside = guest.open()
        assert.is(await guest.json({}, 'fine'), 'fine', 'a third worker serves')
        stuck.send(TYPE.KILL, 'timeout')
        const { killed } = await stuck.over
        assert.equal([killed?.reason, killed?.limit], ['timeout', 5000])
        assert.is(killed?.detail, 'it took longer than 5000 ms')
        assert.ok(killed!.used! >= 0)
        assert.is(beside.reply.killed, null)
        assert.is(await guest.json({}, 'fine'), 'fine')
        beside.send(TYPE.KILL, 'timeout')
        await beside.over
      },
      { concurrency: 3 },
    ))

test('a call that waits for its turn can be ended, or given up', () =>
  withPython(
    'def handler(event):\n  while event["body"] != "fine": pass\n  return "fine"',
    async (guest) => {
      const first = guest.open()
      const second = guest.open()
      const third = guest.open()
      second.send(TYPE.KILL, 'timeout')
      third.send(TYPE.RESET, 'gone')
      assert.is((await second.over).killed?.reason, 'timeout')
      assert.is((await third.over).done, true)
      assert.is(first.reply.killed, null)
      first.send(TYPE.KILL, 'timeout')
      await first.over
      assert.is(await guest.json({}, 'fine'), 'fine')
    },
    { concurrency: 1 },
  ))

const ENDS: readonly (readonly [how: string, detail: RegExp])[] = [
  ['exit', /^the process that ran it exited with status 3$/],
  ['success', /^the process that ran it exited with status 0$/],
  ['segfault', /^the process that ran it was ended by signal SIGSEGV \(Segmentation fault\)$/],
  ['kill', /^the process that ran it was ended by signal SIGKILL \(Killed\)$/],
  ['abort', /^the process that ran it was ended by signal SIGABRT \(Aborted\)$/],
]

test('a process that ends under its call is a crash, with how it ended', () =>
  withPython(fixture('ends-itself'), async (guest) => {
    for (const [how, detail] of ENDS) {
      const { killed } = await guest.call({}, how)
      assert.is(killed?.reason, 'crash', how)
      assert.match(killed?.detail ?? '', detail)
    }
    assert.type(await guest.json({}, 'nothing'), 'number')
    for (const how of ['sys.exit', 'interrupt']) assert.is((await guest.call({}, how)).fail?.kind, 'threw')
    const { killed } = await guest.call({}, 'close')
    assert.is(killed?.reason, 'crash')
    // Signals do nothing to the process that holds the wire.
    assert.type(await guest.json({}, 'parent'), 'number')
    assert.type(await guest.json({}, 'nothing'), 'number')
  }))

test('more CPU time than is allowed ends the call, in its children too', () =>
  withPython(
    'import subprocess, sys, time\ndef handler(event):\n  if event["body"] == "sleep":\n    time.sleep(0.3)\n    return "slept"\n  if event["body"] == "child":\n    subprocess.run([sys.executable, "-c", "while True: pass"])\n  while True: pass',
    async (guest) => {
      assert.is(await guest.json({}, 'sleep'), 'slept', 'waiting costs nothing')
      for (const how of ['loop', 'child']) {
        const { killed } = await guest.call({}, how)
        assert.equal([killed?.reason, killed?.limit], ['cpu', 100])
        assert.ok(killed!.used! >= 100 && killed!.used! < 1500, `${killed!.used} ms`)
      }
    },
    { cpuMs: 100, concurrency: 1 },
  ))

test('what a call started ends with it, however independent it made itself', () =>
  withPython(
    fixture('leaves-processes'),
    async (guest) => {
      const seconds = mark()
      const call = guest.open({ ...query('hang=1'), headers: [['x-mark', seconds]] })
      await until(() => processesWith(seconds).length === 3, 'three processes run', 10_000)
      call.send(TYPE.KILL, 'timeout')
      await call.over
      assert.equal(processesWith(seconds), [])
    },
    { concurrency: 1 },
  ))

test('processes that calls leave behind do not pile up', () =>
  withPython(
    fixture('leaves-processes'),
    async (guest) => {
      const seconds = mark()
      const headers: [string, string][] = [['x-mark', seconds]]
      for (let n = 0; n < 12; n++) {
        assert.is(await guest.json({ ...query('count=2'), headers }), 'left')
        assert.ok(processesWith(seconds).length <= 48, `${processesWith(seconds).length} processes`)
      }
      await guest.stop()
      await until(() => processesWith(seconds).length === 0, 'all are gone', 10_000)
    },
    { concurrency: 1 },
  ))

test('the end of its input ends everything, at once', async () => {
  const guest = await startPython(fixture('leaves-processes'))
  const seconds = mark()
  guest.open({ ...query('hang=1'), headers: [['x-mark', seconds]] })
  await until(() => processesWith(seconds).length === 3, 'three processes run', 10_000)
  assert.is(await guest.stop(), 0)
  await until(() => processesWith(seconds).length === 0, 'all are gone', 10_000)
  assert.is(guest.stderr, '')
})

test('at most as many calls run as there may be, and the rest have their turn', () =>
  withPython(
    'import os, time\ndef handler(event):\n  time.sleep(0.05)\n  return os.getpid()',
    async (guest) => {
      const began = performance.now()
      const pids = await Promise.all(Array.from({ length: 12 }, () => guest.json<number>()))
      assert.is(new Set(pids).size, 3)
      assert.ok(performance.now() - began >= 200)
    },
    { concurrency: 3 },
  ))

test('figures come at the start and while there are calls', () =>
  withPython('import time\ndef handler(event): time.sleep(1.2)', async (guest) => {
    await until(() => guest.usage.length === 1, 'the first figures are here')
    const [first] = guest.usage
    assert.ok(first!.memoryMb > 1 && first!.memoryMb <= first!.peakMb, JSON.stringify(first))
    await guest.call()
    assert.ok(guest.usage.length >= 2)
    assert.ok(guest.usage.at(-1)!.cpuMs >= first!.cpuMs)
  }))

suiteOf.run()
