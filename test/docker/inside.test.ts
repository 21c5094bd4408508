// @engine
// @node
// @slow
// @timeout 240
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES, type Language } from '../../src/domain/runtime-name.ts'
import { dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { endInPeace, startGateway, until } from './gateway.ts'
import { deployProbe, type Probe, problem } from './probe.ts'

const suiteOf = suite('what a container may do')
const need = dockerNeed()
const test = needing(suiteOf, need)
const MEMORY_MB = 64
const CPUS = 0.5

const gateway =
  need.missing === null
    ? await startGateway({
        FAAS_DOCKER_CPUS: String(CPUS),
        FAAS_ADMIN_TOKEN: 'the-token-of-the-gateway',
        SECRET_OF_THE_MACHINE: 'nobody-may-see-this',
      })
    : null
const probes = new Map<Language, Probe>()

/** Deployed at first use; the other function shows that a neighbour lives. */
async function probeOf(language: Language): Promise<Probe> {
  let probe = probes.get(language)
  if (probe === undefined) {
    const limits = { memory_mb: MEMORY_MB, timeout_ms: 20_000, max_instances: 1, concurrency: 2 }
    const fields = { path: `inside-${language}`, limits, env: { OWN: 'value' } }
    probe = await deployProbe(gateway!, language, fields)
    probes.set(language, probe)
  }
  return probe
}

type Code = Readonly<Record<Language, string>>

function inside(name: string, code: Code, check: (found: unknown, language: Language) => void): void {
  for (const language of LANGUAGES)
    test(`${language}: ${name}`, async () =>
      check(await (await probeOf(language)).run(code[language]), language))
}

function reading(file: string): Code {
  return {
    python: `return open(${JSON.stringify(file)}).read()`,
    node: `return require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8')`,
  }
}

inside(
  'it is nobody, without capabilities and without a way to any',
  reading('/proc/self/status'),
  (found) => {
    const status = new Map(
      String(found)
        .split('\n')
        .map((line) => line.split(':\t') as [string, string]),
    )
    for (const name of ['Uid', 'Gid']) assert.is(status.get(name), Array(4).fill('65534').join('\t'))
    assert.is(status.get('Groups')?.trim(), '65534')
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      assert.is(status.get(name), '0'.repeat(16), name)
    assert.is(status.get('NoNewPrivs'), '1')
    assert.is(status.get('Seccomp'), '2', 'a filter of system calls')
  },
)

const FOLDERS = [
  '/',
  '/usr',
  '/etc',
  '/var',
  '/opt',
  '/root',
  '/home',
  '/sys',
  '/dev',
  '/proc/sys/kernel',
  '/run',
]
inside(
  'nothing but its own memory can be written to',
  {
    python: `
import os
written = []
for folder in ${JSON.stringify(FOLDERS)}:
    try:
        open(os.path.join(folder, "written"), "w").close()
        written.append(folder)
    except OSError:
        pass
open("/tmp/written", "w").close()
open("/dev/shm/written", "w").close()
return written`,
    node: `
const fs = require('node:fs')
const written = []
for (const folder of ${JSON.stringify(FOLDERS)}) {
  try { fs.writeFileSync(folder + '/written', ''); written.push(folder) } catch {}
}
fs.writeFileSync('/tmp/written', '')
fs.writeFileSync('/dev/shm/written', '')
return written`,
  },
  (found) => assert.equal(found, []),
)

inside('nothing of the host is mounted, and no engine is there', reading('/proc/mounts'), (found) => {
  const mounts = String(found)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
  // The engine's own three files, read-only with the root.
  const files = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts']
  const kinds = ['overlay', 'proc', 'tmpfs', 'devpts', 'sysfs', 'cgroup', 'cgroup2', 'mqueue']
  const foreign = mounts.filter(([, at = '', kind = '']) => !files.includes(at) && !kinds.includes(kind))
  assert.equal(foreign, [])
  assert.not.match(String(found), /docker\.sock/)
  for (const [, at = '', , options = ''] of mounts.filter(([, at = '']) => files.includes(at) || at === '/'))
    assert.ok(options.split(',').includes('ro'), `${at}: ${options}`)
})

inside(
  'no socket of an engine can be found',
  {
    python: `
import os
return [p for p in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock") if os.path.exists(p)]`,
    node: `
const fs = require('node:fs')
return ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'].filter((file) => fs.existsSync(file))`,
  },
  (found) => assert.equal(found, []),
)

inside(
  'of the environment it has its own, and nothing of the gateway',
  {
    python: `
import os
seen = [dict(os.environ)]
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        seen.append(open("/proc/" + pid + "/environ", errors="replace").read())
    except OSError:
        pass
return seen`,
    node: `
const fs = require('node:fs')
const seen = [process.env]
for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
  try { seen.push(fs.readFileSync('/proc/' + pid + '/environ', 'utf8')) } catch {}
}
return seen`,
  },
  (found) => {
    const text = JSON.stringify(found)
    assert.match(text, /"OWN":"value"/)
    assert.not.match(text, /the-token-of-the-gateway|nobody-may-see-this|FAAS_/)
  },
)

inside(
  'its memory has a limit, and there is no swap beyond it',
  {
    python: `
def read(*files):
    for file in files:
        try:
            return open(file).read().strip()
        except OSError:
            pass
return [read("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"), read("/sys/fs/cgroup/memory.swap.max"), read("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")]`,
    node: `
const fs = require('node:fs')
const read = (...files) => { for (const file of files) try { return fs.readFileSync(file, 'utf8').trim() } catch {} return null }
return [read('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'), read('/sys/fs/cgroup/memory.swap.max'), read('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes')]`,
  },
  (found) => {
    const [memory, swap, both] = found as (string | null)[]
    const bytes = String(MEMORY_MB * 1_048_576)
    assert.is(memory, bytes)
    // Version 2 counts swap alone, version 1 both together; a kernel without swap accounting has neither.
    if (swap !== null) assert.is(swap, '0')
    if (both !== null) assert.is(both, bytes)
  },
)

inside(
  'processes and open files are bounded, and nothing is dumped',
  {
    python: `
import os, resource
def read(*files):
    for file in files:
        if os.path.exists(file):
            return open(file).read().strip()
files = []
try:
    for _ in range(10000):
        files.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    stopped = error.strerror
for one in files:
    os.close(one)
return [read("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"), len(files), stopped, resource.getrlimit(resource.RLIMIT_CORE)[1]]`,
    node: `
const fs = require('node:fs')
const max = ['/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max'].find((file) => fs.existsSync(file))
const files = []
let stopped
try { for (let n = 0; n < 10000; n++) files.push(fs.openSync('/dev/null')) } catch (error) { stopped = error.code }
for (const file of files) fs.closeSync(file)
const core = /^Max core file size +(\\d+) +(\\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))
return [fs.readFileSync(max, 'utf8').trim(), files.length, stopped, Number(core[2])]`,
  },
  (found) => {
    const [pids, files, stopped, core] = found as [string, number, string, number]
    assert.ok(Number(pids) <= 512, `${pids} processes`)
    assert.ok(files > 500 && files <= 4096, `${files} files`)
    assert.match(stopped, /Too many open files|EMFILE/)
    assert.is(core, 0)
  },
)

inside(
  'its CPU time is bounded',
  {
    python: `
import os, time
before = os.times(), time.monotonic()
while time.monotonic() - before[1] < 1.5:
    pass
after = os.times()
return (after.user + after.system - before[0].user - before[0].system) / (time.monotonic() - before[1])`,
    node: `
const began = performance.now()
const before = process.cpuUsage()
while (performance.now() - began < 1500);
const { user, system } = process.cpuUsage(before)
return (user + system) / 1000 / (performance.now() - began)`,
  },
  (found) => assert.ok(Number(found) < CPUS + 0.15, `${found} of a CPU, ${CPUS} are allowed`),
)

inside(
  'system calls for other namespaces, mounts and keys are refused',
  {
    python: `
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def tried(result):
    return [result, ctypes.get_errno()]
return [tried(libc.unshare(0x10000000)), tried(libc.unshare(0x40000000)), tried(libc.mount(b"none", b"/tmp", b"tmpfs", 0, 0)), tried(libc.chroot(b"/tmp")), tried(libc.sethostname(b"x", 1)), tried(libc.setuid(0))]`,
    node: `
const { spawnSync } = require('node:child_process')
const commands = [['unshare', '-U', 'true'], ['unshare', '-n', 'true'], ['mount', '-t', 'tmpfs', 'none', '/tmp'], ['chroot', '/tmp'], ['unshare', '-u', 'true']]
const results = commands.map(([name, ...args]) => { const { status, error } = spawnSync(name, args); return [status === 0 ? 0 : -1, error?.code ?? status] })
let mine = -1
try { process.setuid(0); mine = 0 } catch {}
return [...results, [mine, 0]]`,
  },
  (found) => {
    for (const [result, error] of found as [number, unknown][]) assert.is(result, -1, `error ${error}`)
  },
)

for (const language of LANGUAGES) {
  test(`${language}: a full disk is an error of its own call, and room comes back`, async () => {
    const probe = await probeOf(language)
    const filled = {
      python: `
import os
from resource import getrusage
written = 0
try:
    with open("/tmp/full", "wb", buffering=0) as file:
        while written < 1 << 30:
            written += file.write(bytes(1 << 16))
    stopped = "nothing"
except OSError as error:
    stopped = error.strerror
finally:
    os.unlink("/tmp/full")
return [written, stopped]`,
      node: `
const fs = require('node:fs')
const file = fs.openSync('/tmp/full', 'w')
let written = 0, stopped = 'nothing'
try { while (written < 2 ** 30) written += fs.writeSync(file, Buffer.alloc(65536)) } catch (error) { stopped = error.code }
fs.closeSync(file)
fs.unlinkSync('/tmp/full')
return [written, stopped]`,
    }[language]
    const wide = await deployProbe(gateway!, language, {
      path: `disk-${language}`,
      limits: { memory_mb: 256 },
    })
    const [written, stopped] = (await wide.run(filled)) as [number, string]
    assert.match(stopped, /No space left on device|ENOSPC/)
    assert.ok(written > 40 * 1_048_576 && written <= 64 * 1_048_576, `${written} bytes`)
    const again = (await wide.run(filled)) as [number, string]
    assert.ok(again[0] > 40 * 1_048_576, 'what was removed can be written again')
    assert.is(await probe.run('return 1'), 1)
  })

  test(`${language}: what fills its memory is ended for it, with the limit in the answer`, async () => {
    const probe = await probeOf(language)
    const bomb = {
      python: 'kept = []\nwhile True: kept.append(bytearray(1 << 20))',
      node: 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1))',
    }[language]
    const { status, code, detail, kill } = await problem(await probe.answer(bomb))
    assert.is(status, 500)
    assert.is(code, 'function_killed', detail)
    assert.is(kill?.reason, 'memory')
    assert.is(kill?.limit, MEMORY_MB)
    assert.match(detail, /137/)
    assert.is(await probe.run('return 1'), 1, 'the next call')
  })

  test(`${language}: a file in memory counts too`, async () => {
    const probe = await probeOf(language)
    const bomb = {
      python: `
with open("/dev/shm/a", "wb") as file: file.write(bytes(15 << 20))
kept = []
for part in range(60): kept.append(b"x" * (1 << 20))
return "it fitted"`,
      node: `
require('node:fs').writeFileSync('/dev/shm/a', Buffer.alloc(15 << 20, 1))
require('node:fs').writeFileSync('/tmp/a', Buffer.alloc(40 << 20, 1))
return 'it fitted'`,
    }[language]
    const { kill } = await problem(await probe.answer(bomb))
    assert.is(kill?.reason, 'memory')
    assert.is(await until(async () => (await probe.answer('return 1')).status, 'the next call'), 200)
  })

  test(`${language}: a fork bomb stays inside, and the next call works`, async () => {
    const other = await probeOf(language === 'node' ? 'python' : 'node')
    const limits = { timeout_ms: 3000, memory_mb: 128 }
    const bomb = await deployProbe(gateway!, language, { path: `bomb-${language}`, limits })
    const code = {
      python: 'import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass',
      node: `
const { spawn } = require('node:child_process')
for (;;) spawn('/bin/sh', ['-c', 'f() { f | f & }; f; sleep 60'], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref()`,
    }[language]
    const began = bomb.answer(code)
    assert.is(await other.run('return 2'), 2, 'beside it')
    const answer = await began
    assert.ok(answer.status >= 500, `${answer.status} ${await answer.text()}`)
    assert.is(await other.run('return 3'), 3, 'after it')
    assert.is(await bomb.run('return 4'), 4, 'the same function')
    await gateway!.api(`/callbacks/${bomb.callbackId}`, { method: 'DELETE' })
  })
}

endInPeace(suiteOf, test, gateway)

suiteOf.run()
