// @node
// @serial
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed } from '../../support/docker.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { fixture, type GuestOptions, PythonGuest } from './python-guest.ts'

const suiteOf = suite('the Python guest in a container')
const test = needing(suiteOf, dockerNeed())

const IMAGE = process.env.FAAS_PYTHON_IMAGE ?? 'python:3-slim'
let containers = 0

interface InContainer {
  readonly guest: PythonGuest
  readonly name: string
}

/** Runs the guest as the gateway does, with every lock closed. */
async function withContainer(
  memoryMb: number,
  use: (container: InContainer) => Promise<void>,
  options: GuestOptions = {},
): Promise<void> {
  const name = `faas-test-python-${process.pid}-${++containers}`
  const guest = new PythonGuest({
    meta: { memoryMb },
    ...options,
    inside: [
      ...['docker', 'run', '--rm', '--interactive', '--name', name, '--label', 'faas-test=python'],
      ...['--user', '65534:65534', '--workdir', '/tmp', '--env', 'HOME=/tmp', '--network', 'none'],
      ...['--read-only', '--tmpfs', '/tmp:rw,exec,nosuid,nodev,size=64m,mode=1777'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--log-driver', 'none'],
      ...['--memory', `${memoryMb}m`, '--memory-swap', `${memoryMb}m`, '--pids-limit', '256'],
      ...['--ulimit', 'nofile=4096', '--ulimit', 'core=0', IMAGE],
    ],
  })
  try {
    await until(() => guest.hello !== null, `the container said hello: ${guest.stderr}`, 20_000)
    await use({ guest, name })
  } finally {
    await guest.stop()
    await docker('rm', '--force', name).catch(() => undefined)
  }
}

test('runs functions as the first process, with every lock closed', () =>
  withContainer(128, async ({ guest }) => {
    assert.is(guest.hello?.pid, 1)
    await guest.start(`
import os, subprocess, tempfile
def refused(action):
    try:
        action()
        return False
    except OSError:
        return True
def handler(event):
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("written")
        file.flush()
        written = open(file.name).read()
    return {
        "uid": os.getuid(),
        "written": written,
        "parent": os.getppid(),
        "root": refused(lambda: open("/written", "w")),
        "wire": refused(lambda: os.open("/proc/1/fd/3", os.O_RDWR)) and refused(lambda: os.listdir("/proc/1/fd")),
        "memory": refused(lambda: open("/proc/1/mem", "rb")),
        "child": subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip(),
        "score": open("/proc/self/oom_score_adj").read().strip(),
    }
`)
    assert.equal(await guest.json(), {
      uid: 65_534,
      written: 'written',
      parent: 1,
      root: true,
      wire: true,
      memory: true,
      child: '65534',
      score: '1000',
    })
  }))

test('a call that takes all memory is ended alone, and told as such', () =>
  withContainer(64, async ({ guest }) => {
    await guest.start(fixture('eats-memory'))
    assert.is(await guest.json({ path: 'calm' }), 'calm')
    const { killed } = await guest.call({ path: 'eats' })
    assert.equal([killed?.reason, killed?.limit], ['memory', 64])
    assert.is(killed?.detail, 'it needed more memory than the limit of 64 MB (exit code 137)')
    assert.ok(killed!.used! > 48 && killed!.used! <= 64, `${killed!.used} MB`)
    assert.is(await guest.json({ path: 'calm' }), 'calm')
  }))

test('a module that takes all memory cannot be started', () =>
  withContainer(48, async ({ guest }) => {
    await guest.start('kept = [bytearray(1_048_576) for _ in range(1000)]\ndef handler(event): pass')
    assert.match(
      guest.startFailed?.message ?? '',
      /the process that loads its module ended: it needed more memory than the limit of 48 MB/,
    )
  }))

test('a generic container is small, and figures come from its control group', () =>
  withContainer(128, async ({ guest, name }) => {
    const files = ['/sys/fs/cgroup/memory/memory.usage_in_bytes', '/sys/fs/cgroup/memory.current']
    const used = async () =>
      Number(
        (await docker('exec', name, 'sh', '-c', `cat ${files.join(' ')} 2>/dev/null || true`)).split('\n')[0],
      ) / 1_048_576
    await until(async () => (await used()) < 14, 'it uses less than 14 MB', 5000)
    await guest.start('def handler(event): return 1')
    await until(() => guest.usage.length > 0, 'figures are here')
    const { memoryMb, peakMb, cpuMs } = guest.usage[0]!
    assert.ok(memoryMb > 3 && memoryMb < 24 && peakMb >= memoryMb && cpuMs > 10, JSON.stringify(guest.usage))
  }))

test('many calls at once take no more memory than there is', () =>
  withContainer(
    40,
    async ({ guest }) => {
      await guest.start('import time\ndef handler(event):\n  time.sleep(0.2)\n  return "slept"')
      const replies = await Promise.all(Array.from({ length: 40 }, () => guest.call()))
      assert.equal(
        replies.filter(({ body }) => body.toString() !== '"slept"'),
        [],
      )
    },
    { concurrency: 64 },
  ))

test('processes without end cost the call that makes them', () =>
  withContainer(512, async ({ guest }) => {
    await guest.start(
      'import os, time\ndef handler(event):\n  if event["body"] == "calm": return "calm"\n  while True:\n    try:\n      if os.fork() == 0: time.sleep(60)\n    except OSError: time.sleep(0.05)',
    )
    const call = guest.open()
    await until(async () => guest.usage.length >= 3, 'it goes on for a while', 15_000)
    call.send(26, 'timeout')
    assert.is((await call.over).killed?.reason, 'timeout')
    assert.is(await guest.json({}, 'calm'), 'calm')
  }))

test('when everything but the first process is killed, the calls fail and the container ends', () =>
  withContainer(128, async ({ guest }) => {
    await guest.start(fixture('ends-itself'))
    const { killed } = await guest.call({}, 'everything')
    assert.is(killed?.reason, 'crash')
    assert.is(await guest.exited, 1)
    assert.match(
      guest.stderr,
      /^Cannot go on: the process that workers come from was ended by signal SIGKILL/,
    )
  }))

suiteOf.run()
