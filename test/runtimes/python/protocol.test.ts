// @node
// @slow
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FrameWriter } from '../../../src/runtime/frames.ts'
import { TYPE } from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { callHead, fixture, PYTHON, PythonGuest, startPython, withPython } from './python-guest.ts'

const suiteOf = suite('the wire of the Python guest')
const test = needing(suiteOf, PYTHON)

test('says hello, and takes a function', async () => {
  const guest = new PythonGuest({})
  await until(() => guest.hello !== null, 'it said hello')
  assert.is(guest.hello?.language, 'python')
  assert.match(guest.hello?.version ?? '', /^3\.\d+\.\d+$/)
  await guest.start('def handler(event): return 1')
  assert.is(await guest.json(), 1)
  assert.is(await guest.stop(), 0)
})

test('the end of its input before any function ends it', async () => {
  const guest = new PythonGuest({})
  assert.is(await guest.stop(), 0)
  assert.is(guest.stderr, '')
})

test('frames may come cut anywhere, many in one, and large', () =>
  withPython('def handler(event): return len(event["body"])', async (guest) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
        async (sizes, cuts) => {
          const calls = guest.expect(sizes.length)
          const writer = new FrameWriter()
          for (const [index, size] of sizes.entries())
            writer.write({
              type: TYPE.CALL,
              instance: 0,
              id: calls[index]!.id,
              head: JSON.stringify(callHead()),
              data: 'x'.repeat(size),
            })
          let bytes = writer.take()
          for (let turn = 0; bytes.length > 0; turn++) {
            const size = cuts[turn % cuts.length]!
            guest.child.stdin!.write(bytes.subarray(0, size))
            bytes = bytes.subarray(size)
            if (turn % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          for (const [index, size] of sizes.entries())
            assert.is((await calls[index]!.over).body.toString(), String(size))
        },
      ),
      { numRuns: 15 },
    )
    assert.is(await guest.json({}, 'x'.repeat(1_000_000)), 1_000_000)
  }))

const frame = (type: number, id: number, head: string): Uint8Array => {
  const writer = new FrameWriter()
  writer.write({ type, instance: 0, id, head, data: null })
  return writer.take()
}
const GARBAGE: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['a frame that is too short', new Uint8Array(17)],
  ['a frame that is too large', new Uint8Array(17).fill(255)],
  ['a head beyond its frame', new Uint8Array([13, 0, 0, 0, 16, 0, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0])],
  ['text', Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
  ['a second START', frame(TYPE.START, 0, '{}')],
]

for (const [name, bytes] of GARBAGE)
  test(`ends itself when the gateway sends ${name}`, async () => {
    const guest = await startPython('import time\ndef handler(event): time.sleep(60)')
    guest.open()
    guest.child.stdin!.write(bytes)
    assert.is(await guest.exited, 1)
    assert.match(guest.stderr, /^Cannot go on: the gateway sent what is not the protocol: .*\n$/)
  })

test('a call before START ends it', async () => {
  const guest = new PythonGuest({})
  guest.child.stdin!.write(frame(TYPE.CALL, 2, JSON.stringify(callHead())))
  assert.is(await guest.exited, 1)
})

test('what is no START ends it with a sentence', async () => {
  const guest = new PythonGuest({})
  guest.child.stdin!.write(frame(TYPE.START, 0, '{"meta":'))
  assert.is(await guest.exited, 1)
  assert.match(guest.stderr, /not the protocol/)
})

test('a worker whose descriptors the author writes to is ended alone', () =>
  withPython(
    fixture('writes-to-every-descriptor') +
      '\nimport time\nwrite = handler\ndef handler(event):\n  if event["body"] == "slow": time.sleep(0.4)\n  return write(event) if event["body"] == "write" else "fine"',
    async (guest) => {
      const beside = guest.open({}, 'slow')
      const { killed } = await guest.call({}, 'write')
      assert.is(killed?.reason, 'protocol')
      assert.match(killed?.detail ?? '', /^its process sent what is not the protocol: Frame of \d+ bytes/)
      assert.is((await beside.over).body.toString(), '"fine"')
      assert.is(await guest.json({}, 'fine'), 'fine')
    },
  ))

/** Frames that a worker could forge, as Python expressions over `id` and `frame(type, id, head, data)`. */
const FORGED: readonly (readonly [name: string, expression: string])[] = [
  ['an answer for another call', 'frame(17, id + 2, b\'{"status":200,"headers":[],"whole":true}\')'],
  ['an answer without a head', 'frame(17, id)'],
  ['an answer whose head is no JSON', 'frame(17, id, b"{")'],
  ['an answer with a status that is text', 'frame(17, id, b\'{"status":"200","headers":[],"whole":true}\')'],
  [
    'an answer with headers that are none',
    'frame(17, id, b\'{"status":200,"headers":[["a"]],"whole":true}\')',
  ],
  ['a piece of a body before the answer', 'frame(19, id, b"", b"x")'],
  [
    'more than was asked for',
    'frame(17, id, b\'{"status":200,"headers":[],"whole":false}\') + frame(19, id, b"", b"x" * 300_000)',
  ],
  ['an end before the answer', 'frame(20, id)'],
  ['an end of the call before the answer', 'frame(23, id)'],
  ['a credit that is no number', 'frame(21, id, b"x")'],
  ['the end of another process', 'frame(27, id, b"{}")'],
  ['figures', 'frame(8, 0, b"{}")'],
  ['a failure of another kind', 'frame(18, id, b\'{"kind":"no_handler"}\')'],
  ['a start', 'frame(3, 0, b"{}")'],
]

test('a worker that sends frames out of turn is ended, and nothing of them arrives', () =>
  withPython(
    `import os, struct
def frame(kind, id, head=b"", data=b""):
  return struct.pack("<IBIII", 13 + len(head) + len(data), kind, 0, id, len(head)) + head + data
def channel():
  for name in os.listdir("/proc/self/fd"):
    try:
      if int(name) > 2 and os.readlink("/proc/self/fd/" + name).startswith("socket:"): return int(name)
    except OSError: pass
def handler(event):
  if event["body"] == "fine": return "fine"
  id = int(event["headers"]["x-id"])
  os.write(channel(), eval(event["body"]))
  while True: pass`,
    async (guest) => {
      for (const [name, expression] of FORGED) {
        const next = guest.nextId
        const reply = await guest.call({ headers: [['x-id', String(next)]] }, expression)
        assert.is(reply.killed?.reason, 'protocol', name)
        assert.match(reply.killed?.detail ?? '', /^its process sent what is not the protocol: /, name)
      }
      assert.is(await guest.json({}, 'fine'), 'fine')
    },
    { concurrency: 1 },
  ))

test('the author’s code finds nothing of the wire', () =>
  withPython(
    `import os, subprocess
at_import = sorted(os.readlink("/proc/self/fd/" + name).split(":")[0] for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))
def handler(event):
  child = subprocess.run(["ls", "/proc/self/fd"], capture_output=True, text=True).stdout.split()
  hub = os.getppid()
  try:
    os.listdir(f"/proc/{hub}/fd")
    os.readlink(f"/proc/{hub}/fd/0")
    seen = True
  except OSError:
    seen = False
  return [child, seen]`,
    async (guest) => {
      const [child, seen] = await guest.json<[string[], boolean]>()
      assert.equal(child, ['0', '1', '2', '3'], 'the fourth is the folder that it lists')
      assert.is(seen, process.getuid?.() === 0, 'but for root, which sees everything')
    },
  ))

suiteOf.run()
