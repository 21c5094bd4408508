// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { fixture, PYTHON, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('what Python functions print')
const test = needing(suiteOf, PYTHON)

test('each way of printing becomes lines with the call’s id and a level; those of Python keep their order', () =>
  withPython(
    `import logging, os, subprocess, sys, ctypes
print("at import")
logging.getLogger("early").warning("at import too")
log = logging.getLogger("mine")
def handler(event):
  print("printed")
  print("two\\nlines")
  print("half", end="")
  print(" a line")
  sys.stderr.write("to stderr\\n")
  os.write(1, b"raw \\xff\\n")
  os.write(2, b"raw error\\n")
  subprocess.run(["sh", "-c", "echo from a child; echo its error >&2"])
  ctypes.CDLL(None).puts(b"from C")
  ctypes.CDLL(None).fflush(None)
  log.debug("not shown")
  log.info("logged %d", 1)
  try:
    1 / 0
  except ZeroDivisionError:
    log.exception("caught")
  sys.__stdout__.write("no end")
`,
    async (guest) => {
      assert.is((await guest.call({ requestId: 'r-7' })).answer?.status, 204)
      const past = ['raw \ufffd', 'raw error', 'from a child', 'its error', 'from C']
      const shown = guest.logs.map(({ r, l, m }) => [r, l, m.split('\n')[0]!] as const)
      const ofCall = (...lines: [level: string, text: string][]) => lines.map((line) => ['r-7', ...line])
      assert.equal(
        shown.filter(([, , text]) => !past.includes(text)),
        [
          [null, 'info', 'at import'],
          [null, 'warn', 'early: at import too'],
          ...ofCall(
            ['info', 'printed'],
            ['info', 'two'],
            ['info', 'lines'],
            ['info', 'half a line'],
            ['error', 'to stderr'],
            ['info', 'mine: logged 1'],
            ['error', 'mine: caught'],
            ['info', 'no end'],
          ),
        ],
      )
      assert.equal(
        shown.filter(([, , text]) => past.includes(text)).toSorted(),
        ofCall(
          ['error', 'its error'],
          ['error', 'raw error'],
          ['info', 'from C'],
          ['info', 'from a child'],
          ['info', 'raw \ufffd'],
        ),
      )
      assert.is(guest.logs.find(({ m }) => m.startsWith('early'))?.l, 'warn')
      assert.ok(Math.abs(guest.logs[0]!.t - Date.now()) < 60_000)
      assert.match(
        guest.logs.find(({ m }) => m.startsWith('mine: caught'))!.m,
        /ZeroDivisionError: division by zero$/,
      )
    },
  ))

test('lines come before the answer of their call, and each has its own call’s id', () =>
  withPython(
    'import time\ndef handler(event):\n  for n in range(3):\n    print(event["requestContext"]["requestId"])\n    time.sleep(0.01)',
    async (guest) => {
      await Promise.all(Array.from({ length: 8 }, (_, n) => guest.call({ requestId: `r-${n}` })))
      assert.is(guest.logs.length, 24)
      for (const { r, m } of guest.logs) assert.is(r, m)
    },
  ))

test('a line that was printed before a loop without an end is there before the loop ends', () =>
  withPython('def handler(event):\n  print("before")\n  while True: pass', async (guest) => {
    const call = guest.open({ requestId: 'looping' })
    await until(() => guest.logs.some(({ m, r }) => m === 'before' && r === 'looping'), 'the line is here')
    call.send(26, 'timeout')
    assert.is((await call.over).killed?.reason, 'timeout')
  }))

test('what goes on after a call has no id', () =>
  withPython(
    'import threading, time\nready = threading.Event()\ndef later():\n  ready.wait()\n  time.sleep(0.05)\n  print("after")\ndef handler(event):\n  threading.Thread(target=later, daemon=True).start()\n  ready.set()\n  print("during")',
    async (guest) => {
      await guest.call()
      await until(() => guest.logs.length === 2, 'both lines are here')
      assert.equal(
        guest.logs.map(({ r, m }) => [r, m]),
        [
          ['request-1', 'during'],
          [null, 'after'],
        ],
      )
    },
  ))

test('a hundred megabytes in one line, and a flood of lines, are cut and counted', async () => {
  const guest = await startPython(fixture('prints-hundred-megabytes'), { logLines: 50 })
  const reply = await guest.call()
  assert.is(reply.body.toString(), '"printed"')
  const long = guest.logs.find(({ m }) => m.startsWith('xxx'))!
  assert.match(long.m.slice(16_384), /^… \(99983616 more characters\)$/)
  assert.is(long.r, 'request-1')
  const dropped = () =>
    guest.logs.reduce(
      (sum, { m }) =>
        sum +
        Number(
          /^(\d+) lines dropped: too much was printed at once, at most 50 lines a second are kept$/.exec(
            m,
          )?.[1] ?? 0,
        ),
      0,
    )
  const kept = () => guest.logs.filter(({ m }) => /^\d+$/.test(m)).length
  await until(() => kept() + dropped() === 200_000, 'every line is accounted for', 4000)
  assert.ok(kept() >= 50 && kept() <= 500, `${kept()} lines were kept`)
  assert.ok(guest.usage.every(({ peakMb }) => peakMb < 200))
  await guest.stop()
})

test('processes of the author’s log through stderr, never into the wire', () =>
  withPython(
    'import logging, multiprocessing, os\ndef work(n):\n  logging.getLogger("pool").info("n=%d", n)\n  print("pid", os.getpid() != parent)\n  return n\nparent = os.getpid()\ndef handler(event):\n  with multiprocessing.get_context("fork").Pool(2) as pool:\n    return pool.map(work, range(4))',
    async (guest) => {
      assert.equal(await guest.json(), [0, 1, 2, 3])
      assert.equal(
        guest.logs
          .filter(({ m }) => m.startsWith('pool: '))
          .map(({ l, m }) => `${l} ${m}`)
          .toSorted(),
        ['error pool: n=0', 'error pool: n=1', 'error pool: n=2', 'error pool: n=3'],
      )
    },
  ))

test('a process that comes back from a fork in the handler answers nothing', () =>
  withPython('import os\ndef handler(event):\n  os.fork()\n  return "one answer"', async (guest) => {
    for (let n = 0; n < 3; n++) assert.is(await guest.json(), 'one answer')
  }))

test('what the author does to logging and to the streams is the author’s affair', () =>
  withPython(
    'import io, logging, sys\nlogging.basicConfig(level=logging.DEBUG, force=True, format="own %(message)s")\nsys.stdout = None\ndef handler(event):\n  logging.debug("form")\n  print("nowhere")\n  return 1',
    async (guest) => {
      assert.is(await guest.json(), 1)
      assert.equal(
        guest.logs.map(({ l, m }) => [l, m]),
        [['error', 'own form']],
      )
    },
  ))

suiteOf.run()
