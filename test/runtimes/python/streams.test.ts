// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CHUNK, TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { PYTHON, withPython } from './python-guest.ts'

const suiteOf = suite('streams of Python handlers')
const test = needing(suiteOf, PYTHON)

/** Each way of answering with pieces; `first` and `second` are sent with a wait in between. */
const RELEASED: readonly (readonly [name: string, code: string])[] = [
  ['a generator function', 'import os, time\ndef handler(event):\n  yield "first"\n  WAIT\n  yield "second"'],
  [
    'a generator in a proxy answer',
    'import os, time\ndef pieces():\n  yield b"first"\n  WAIT\n  yield b"second"\ndef handler(event):\n  return {"statusCode": 200, "headers": {"content-type": "text/event-stream"}, "body": pieces()}',
  ],
  [
    'an asynchronous generator function',
    'import asyncio, os, time\nasync def handler(event):\n  yield "first"\n  await asyncio.sleep(0)\n  WAIT\n  yield "second"',
  ],
  [
    'an asynchronous generator from a synchronous handler',
    'import os, time\nasync def pieces():\n  yield "first"\n  WAIT\n  yield "second"\ndef handler(event):\n  return pieces()',
  ],
  [
    'a generator from an asynchronous handler',
    'import os, time\ndef pieces():\n  yield "first"\n  WAIT\n  yield "second"\nasync def handler(event):\n  return pieces()',
  ],
]

for (const [name, code] of RELEASED)
  test(`${name} is sent piece by piece`, () =>
    withPython(
      code.replace('WAIT', 'while not os.path.exists("released"): time.sleep(0.002)'),
      async (guest) => {
        const call = guest.open()
        await until(() => call.reply.body.toString() === 'first', 'the first piece is here')
        assert.is(call.reply.answer?.whole, false)
        guest.place('released')
        const reply = await call.over
        assert.equal([reply.body.toString(), reply.done, reply.resets], ['firstsecond', true, []])
      },
    ))

const ENDLESS: readonly (readonly [name: string, code: string])[] = [
  [
    'a generator',
    'import sys\ndef handler(event):\n  try:\n    while True: yield b"x" * 10_000\n  finally:\n    print("closed")',
  ],
  [
    'an asynchronous generator',
    'async def handler(event):\n  try:\n    while True: yield b"x" * 10_000\n  finally:\n    print("closed")',
  ],
  [
    'an asynchronous generator of a synchronous handler',
    'async def pieces():\n  try:\n    while True: yield b"x" * 10_000\n  finally:\n    print("closed")\ndef handler(event): return pieces()',
  ],
]

for (const [name, code] of ENDLESS)
  test(`a reader that stands still holds ${name} back, one that goes ends it`, () =>
    withPython(
      code,
      async (guest) => {
        const call = guest.open()
        await until(() => call.reply.body.length >= WINDOW, 'the window is full')
        await standsStill(() => call.reply.body.length)
        assert.is(call.reply.body.length, WINDOW)
        call.send(TYPE.CREDIT, '1000')
        await until(() => call.reply.body.length === WINDOW + 1000, 'as much came as was asked for')
        call.send(TYPE.RESET, 'the caller reads no further')
        assert.is((await call.over).done, true)
        assert.ok(guest.logs.some(({ m }) => m === 'closed'))
        const next = guest.open()
        await until(() => next.reply.body.length > 0, 'the next call is served')
      },
      { credit: false, concurrency: 1 },
    ))

test('a caller that goes while the generator rests ends it at its next piece', () =>
  withPython(
    'import time\ndef handler(event):\n  try:\n    while True:\n      yield "."\n      time.sleep(0.02)\n  finally:\n    print("closed")',
    async (guest) => {
      const call = guest.open()
      await until(() => call.reply.body.length > 2, 'it goes on')
      call.send(TYPE.RESET, 'gone')
      await call.over
      assert.ok(guest.logs.some(({ m }) => m === 'closed'))
    },
  ))

test('a stream that breaks is told, with its error in the log', async () => {
  for (const code of [
    'def handler(event):\n  yield "half"\n  raise ValueError("the other half is missing")',
    'async def handler(event):\n  yield "half"\n  raise ValueError("the other half is missing")',
    'def handler(event):\n  yield "half"\n  yield 7',
  ])
    await withPython(code, async (guest) => {
      const reply = await guest.call()
      assert.is(reply.body.toString(), 'half')
      assert.match(
        reply.resets.join(),
        /^(the other half is missing|A piece of a body must be bytes or text: it is of type int)$/,
      )
      assert.is(reply.done, true)
      assert.ok(
        guest.logs.some(({ m, l }) => l === 'error' && m.startsWith('The body of the answer failed: ')),
      )
    })
})

test('a stream that breaks before its first piece is a failure of the call', async () => {
  for (const code of [
    'def handler(event):\n  raise ValueError("at once")\n  yield',
    'async def handler(event):\n  raise ValueError("at once")\n  yield',
  ])
    await withPython(code, async (guest) => {
      const { fail, answer } = await guest.call()
      assert.is(answer, null)
      assert.equal([fail?.kind, fail?.message], ['threw', 'at once'])
      assert.match(fail?.stack ?? '', /^Traceback[\s\S]*File "main\.py", line 2, in handler/)
    })
})

test('a body is credited as it is read, and only then', () =>
  withPython(
    'import os, time\nasync def app(scope, receive, send):\n  if scope["type"] != "http": return\n  size, more = 0, True\n  while more:\n    while not os.path.exists("released"): time.sleep(0.002)\n    message = await receive()\n    size += len(message["body"])\n    more = message["more_body"]\n  await send({"type": "http.response.start", "status": 200})\n  await send({"type": "http.response.body", "body": str(size).encode()})',
    async (guest) => {
      const call = guest.open({ whole: false })
      const piece = new Uint8Array(CHUNK)
      for (let n = 0; n < WINDOW / CHUNK; n++) call.send(TYPE.DATA, '', piece)
      await standsStill(() => guest.credited(call.id))
      assert.is(guest.credited(call.id), 0)
      guest.place('released')
      await until(() => guest.credited(call.id) === WINDOW, 'all was credited')
      call.send(TYPE.DATA, '', piece)
      call.send(TYPE.END)
      assert.is((await call.over).body.toString(), String(WINDOW + CHUNK))
    },
  ))

test('a body of many megabytes arrives whole', () =>
  withPython('def handler(event): return len(event["body"])', async (guest) => {
    const call = guest.open({ whole: false })
    const piece = Buffer.alloc(CHUNK, 'x')
    for (let n = 1; n <= 160; n++) {
      call.send(TYPE.DATA, '', piece)
      await until(() => n * CHUNK - guest.credited(call.id) < WINDOW, 'there is room')
    }
    call.send(TYPE.END)
    assert.is((await call.over).body.toString(), String(160 * CHUNK))
  }))

test('a caller that goes before its body is complete ends the call', () =>
  withPython('def handler(event): return 1', async (guest) => {
    for (const code of [0, 1]) {
      const call = guest.open({ whole: false })
      if (code === 1) call.send(TYPE.DATA, '', 'x')
      call.send(TYPE.RESET, 'gone')
      const reply = await call.over
      assert.equal([reply.done, reply.answer], [true, null])
    }
    assert.is(await guest.json(), 1)
  }))

test('a gateway that reads nothing holds everything back', () =>
  withPython(
    'def handler(event): return "x" * 900_000',
    async (guest) => {
      guest.child.stdout!.pause()
      const calls = Array.from({ length: 24 }, () => guest.open())
      await standsStill(() => guest.resident())
      // Of 24 answers one more than a megabyte, and what the kernel holds, may have left their workers.
      assert.ok(guest.resident() < 40, `${guest.resident()} MB are held`)
      guest.child.stdout!.resume()
      for (const call of calls) assert.is((await call.over).body.length, 900_002)
    },
    { concurrency: 4 },
  ))

/** Waits until a figure has not changed for a while. */
async function standsStill(figure: () => number): Promise<void> {
  let same = 0
  let before = figure()
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 15))
    const now = figure()
    same = now === before ? same + 1 : 0
    before = now
    return same >= 10
  }, 'nothing changes any more')
}

suiteOf.run()
