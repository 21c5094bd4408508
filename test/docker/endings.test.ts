// @engine
// @node
// @slow
// @timeout 240
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES, type Language } from '../../src/domain/runtime-name.ts'
import { TYPE } from '../../src/runtime/wire.ts'
import { docker, dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { endInPeace, startGateway, until } from './gateway.ts'
import { deployProbe, type Probe, problem } from './probe.ts'

const suiteOf = suite('containers that end, and functions that end them')
const need = dockerNeed()
const test = needing(suiteOf, need)
const gateway = need.missing === null ? await startGateway({ FAAS_DOCKER_PREWARM: '2' }) : null
const probes = new Map<Language, Probe>()

async function probeOf(language: Language): Promise<Probe> {
  const known = probes.get(language)
  if (known !== undefined) return known
  const limits = { timeout_ms: 60_000, max_instances: 1, memory_mb: 128 }
  const probe = await deployProbe(gateway!, language, { path: `endings-${language}`, limits })
  probes.set(language, probe)
  return probe
}

/** The engine's id of the container that a probe is in, from inside: its own files are mounted from a folder of that name. */
async function containerOf(probe: Probe, language: Language): Promise<string> {
  const read = {
    python: 'return open("/proc/self/mountinfo").read()',
    node: "return require('node:fs').readFileSync('/proc/self/mountinfo', 'utf8')",
  }[language]
  return /containers\/([0-9a-f]{64})\/hostname/.exec(String(await probe.run(read)))![1]!
}

interface Ended {
  readonly reason: string
  readonly detail: string
}

async function ledger({ callbackId }: Probe): Promise<Ended[]> {
  const answer = await gateway!.api(`/callbacks/${callbackId}/instances`)
  return ((await answer.json()) as { ended: Ended[] }).ended
}

async function logOf({
  callbackId,
}: Probe): Promise<{ message: string; level: string; request_id: string | null }[]> {
  return (await (await gateway!.api(`/callbacks/${callbackId}/logs?limit=1000`)).json()) as never
}

type Code = Readonly<Record<Language, string>>
const { ANSWER } = TYPE
/** What the gateway may take for lines that it keeps, until they are written: less than is printed. */
const MORE_MB = 280
const EXIT_7 = { python: 'import os\nos._exit(7)', node: 'process.exit(7)' }
const EXIT_0 = { python: 'import os\nos._exit(0)', node: 'process.exit(0)' }
const ABORT = { python: 'import os\nos.abort()', node: 'process.abort()' }
const CRASHES: readonly (readonly [name: string, code: Code, detail: RegExp])[] = [
  ['that exits with an error in a call', EXIT_7, /exit(ed|.*) (with )?(status|code) 7/],
  ['that exits with success in a call', EXIT_0, /exit(ed|.*) (with )?(status|code) 0/],
  ['that aborts', ABORT, /SIGABRT|exit code 134/],
]

for (const language of LANGUAGES) {
  for (const [name, code, detail] of CRASHES) {
    test(`${language}: one ${name} is a crash with its cause, and the next call works`, async () => {
      const probe = await probeOf(language)
      const found = await problem(await probe.answer(code[language]))
      assert.is(found.status, 500)
      assert.is(found.code, 'function_killed')
      assert.is(found.kill?.reason, 'crash')
      assert.match(found.detail, detail)
      assert.is(await probe.run('return 1'), 1)
    })
  }

  test(`${language}: one killed from outside while it is idle is replaced`, async () => {
    const probe = await probeOf(language)
    const id = await containerOf(probe, language)
    await docker('kill', id)
    await until(
      async () =>
        (await ledger(probe)).some(({ detail }) => /container was killed/.test(detail)) ? true : undefined,
      'the ledger to tell of it',
    )
    const answer = await probe.answer('return 1')
    assert.is(answer.status, 200)
    assert.is.not(answer.headers.get('x-faas-start'), 'warm')
  })

  test(`${language}: one killed from outside in a call fails that call with the cause`, async () => {
    const probe = await probeOf(language)
    const id = await containerOf(probe, language)
    const sleeping = probe.answer(
      {
        python: 'import time\ntime.sleep(15)',
        node: 'await new Promise((resolve) => setTimeout(resolve, 15000))',
      }[language],
    )
    await until(async () => {
      const list = await (await gateway!.api(`/callbacks/${probe.callbackId}/instances`)).json()
      return (list as { instances: { in_flight: number }[] }).instances.some(({ in_flight }) => in_flight > 0)
        ? true
        : undefined
    }, 'the call to be under way')
    await docker('kill', id)
    const found = await problem(await sleeping)
    assert.is(found.code, 'function_killed')
    assert.is(found.kill?.reason, 'crash')
    assert.match(found.detail, 'its container was killed (exit code 137)')
    assert.is(await probe.run('return 1'), 1)
  })

  test(`${language}: one removed from outside is replaced too`, async () => {
    const probe = await probeOf(language)
    await docker('rm', '-f', await containerOf(probe, language))
    await until(
      async () => ((await probe.answer('return 1')).status === 200 ? true : undefined),
      'a call to be answered',
    )
  })

  test(`${language}: one that is paused is ended at the deadline`, async () => {
    const limits = { timeout_ms: 4000, max_instances: 1 }
    const probe = await deployProbe(gateway!, language, { path: `paused-${language}`, limits })
    const id = await containerOf(probe, language)
    await docker('pause', id)
    const began = performance.now()
    const answer = await probe.answer('return 1')
    assert.ok(performance.now() - began >= limits.timeout_ms, 'nothing comes before the deadline')
    const gone = async () =>
      (await docker('inspect', '--format', '{{.State.Running}}', id).catch(() => 'false')) === 'false'
    if (answer.status === 200) {
      // The kill thaws it: it may get as far as its answer before it dies.
      await until(async () => ((await gone()) ? true : undefined), 'it to be gone')
    } else {
      assert.is((await problem(answer)).code, 'function_timeout')
      assert.ok(await gone(), 'it is gone when the answer is sent')
    }
    assert.is(await probe.run('return 1'), 1)
  })

  const atStart: readonly (readonly [name: string, code: Code, message: RegExp])[] = [
    ['exits at its start', { python: 'import os\nos._exit(3)', node: 'process.exit(3)' }, /(status|code) 3/],
    [
      'throws at its start',
      { python: 'raise Exception("not today")', node: 'throw new Error("not today")' },
      /not today/,
    ],
    ['aborts at its start', { python: 'import os\nos.abort()', node: 'process.abort()' }, /SIGABRT|134/],
    [
      'needs too much memory at its start',
      {
        python: 'kept = [bytearray(1 << 20) for _ in range(4096)]',
        node: 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1))',
      },
      /memory/,
    ],
  ]
  for (const [name, code, message] of atStart) {
    test(`${language}: a function that ${name} fails its deploy with the cause`, async () => {
      const { callback_id: id } = await gateway!.register({
        path: `start-${language}`,
        type: language,
        code: code[language],
      })
      const error = await gateway!.deploy(id, 'docker').then(
        () => '',
        (error: Error) => error.message,
      )
      assert.match(error, /"status":"failed","step":"boot"/)
      assert.match(error, message)
      await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
    })
  }

  test(`${language}: bytes that are not the protocol are no answer`, async () => {
    const probe = await probeOf(language)
    const answer = await probe.answer(
      {
        python:
          'import os\nfor fd in range(64):\n    try:\n        os.write(fd, b"not the protocol at all, whatever it is")\n    except OSError:\n        pass\nreturn 1',
        node: "require('node:fs').writeSync(4, 'not the protocol at all, whatever it is'); return 1",
      }[language],
    )
    assert.is(answer.headers.get('x-lambda-status-code'), '400')
    const found = await problem(answer)
    assert.is(found.status, 502)
    assert.is(found.code, 'answer_unsendable')
    assert.match(found.detail, 'what is not the protocol')
    assert.is(await probe.run('return 1'), 1)
  })

  test(`${language}: an answer whose head makes no sense is none either`, async () => {
    const probe = await probeOf(language)
    // Frames with right lengths and wrong contents: for every call that could be meant.
    const answer = await probe.answer(
      {
        python: `
import os, struct, time
for fd in range(3, 64):
    for call in range(2, 400, 2):
        try:
            os.write(fd, struct.pack("<IBIII", 14, ${ANSWER}, 0, call, 1) + b"{")
        except OSError:
            break
time.sleep(5)`,
        node: `
for (let call = 2; call < 400; call += 2) {
  const frame = Buffer.alloc(18, '{')
  frame.writeUInt32LE(14, 0)
  frame.writeUInt8(${ANSWER}, 4)
  frame.writeUInt32LE(0, 5)
  frame.writeUInt32LE(call, 9)
  frame.writeUInt32LE(1, 13)
  require('node:fs').writeSync(4, frame)
}
await new Promise((resolve) => setTimeout(resolve, 5000))`,
      }[language],
    )
    assert.is((await problem(answer)).code, 'answer_unsendable')
    assert.is(await probe.run('return 1'), 1)
  })

  test(`${language}: binary that is printed becomes lines of the log`, async () => {
    const probe = await probeOf(language)
    const print = {
      python:
        'import os\nos.write(1, bytes(range(256)) * 4 + b"\\n")\nos.write(2, b"\\xff\\xfe\\x00 odd\\n")\nprint("after it")',
      node: `process.stdout.write(Buffer.from([...Array(256).keys()])); process.stdout.write('\\n'); require('node:fs').writeSync(2, Buffer.from([255, 254, 0, 32, 111, 100, 100, 10])); console.log('after it')`,
    }[language]
    await probe.run(print)
    await until(async () => {
      const lines = (await logOf(probe)).map(({ message }) => message)
      return lines.includes('after it') &&
        lines.some((line) => / odd$/.test(line)) &&
        lines.some((line) => line.includes('!"#$%&'))
        ? true
        : undefined
    }, 'the lines')
  })

  test(`${language}: three hundred megabytes that are printed cost neither side its memory`, async () => {
    const probe = await probeOf(language)
    const before = residentMb(gateway!.pid)
    const print = {
      python:
        'import os\nline = b"y" * 999 + b"\\n"\nfor _ in range(300_000):\n    os.write(1, line)\nreturn "printed"',
      node: `const line = 'y'.repeat(999)\nfor (let n = 0; n < 300000; n++) { console.log(line); if (n % 1000 === 0) await new Promise(setImmediate) }\nreturn 'printed'`,
    }[language]
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, residentMb(gateway!.pid))
    }, 50)
    try {
      assert.is(await probe.run(print), 'printed', 'the container keeps to its limit')
    } finally {
      clearInterval(watch)
    }
    assert.ok(most - before < MORE_MB, `the gateway took ${Math.round(most - before)} MB more`)
    await until(
      async () =>
        (await logOf(probe)).some(({ message }) => /lines dropped/.test(message)) ? true : undefined,
      'the line that tells what was cut',
    )
    assert.is(await probe.run('return 1'), 1)
  })

  test(`${language}: a line without end, past the runner, is cut, and what is too much is told`, async () => {
    const probe = await probeOf(language)
    const before = residentMb(gateway!.pid)
    const print = {
      python:
        'import os\npart = b"z" * (1 << 20)\nfor _ in range(300):\n    os.write(1, part)\nos.write(1, b"\\n")\nreturn "printed"',
      node: `const part = Buffer.alloc(1 << 20, 'z')\nfor (let n = 0; n < 300; n++) require('node:fs').writeSync(1, part)\nreturn 'printed'`,
    }[language]
    assert.is(await probe.run(print), 'printed')
    const more = residentMb(gateway!.pid) - before
    assert.ok(more < MORE_MB, `the gateway took ${Math.round(more)} MB more`)
    await probe.run(
      { python: 'print("after it")', node: "require('node:fs').writeSync(1, 'after it\\n')" }[language],
    )
    assert.is(await probe.run('return 1'), 1)
  })
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

test('node: figures that are none are not taken', async () => {
  const probe = await probeOf('node')
  const frame = (kind: number, head: string) => `
{
  const head = Buffer.from(${JSON.stringify(head)})
  const frame = Buffer.alloc(17)
  frame.writeUInt32LE(13 + head.length, 0)
  frame.writeUInt8(${kind}, 4)
  frame.writeUInt32LE(head.length, 13)
  require('node:fs').writeSync(4, Buffer.concat([frame, head]))
}`
  await probe.answer(`${frame(TYPE.USAGE, '{"cpuMs":{"a":1},"memoryMb":"plenty","peakMb":[1]}')}\nreturn 1`)
  await probe.answer(`${frame(TYPE.STARTED, '{"initMs":"<b>"}')}\nreturn 1`)
  await probe.answer(
    `${frame(TYPE.LOG, '[{"level":"loud","message":{"a":1},"time":"never","requestId":7}]')}\nreturn 1`,
  )
  await probe.answer(`${frame(TYPE.LOG, '7')}\nreturn 1`)
  assert.is(await probe.run('return 1'), 1)
  for (const what of ['instances', 'invocations', 'logs']) {
    const answer = await gateway!.api(`/callbacks/${probe.callbackId}/${what}`)
    assert.is(answer.status, 200, await answer.clone().text())
    assert.not.match(await answer.text(), /"a":|plenty|loud|<b>|\[1\]/, what)
  }
  assert.is((await gateway!.api('/metrics')).status, 200)
  assert.not.match(gateway!.output(), /outside of any request/)
})

endInPeace(suiteOf, test, gateway)

suiteOf.run()
