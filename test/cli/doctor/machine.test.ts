// @timeout 120
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { totalmem } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cgroupLimits } from '../../../src/cli/doctor/cgroup.ts'
import { isolateChecks } from '../../../src/cli/doctor/checks/isolates.ts'
import { machineChecks } from '../../../src/cli/doctor/checks/machine.ts'
import { portCheck } from '../../../src/cli/doctor/checks/port.ts'
import { until } from '../../support/runtime-harness.ts'
import { startServer } from '../../support/server.ts'
import { folder, look, only, type Settings } from './look.ts'

const test = suite('the doctor on the machine')
const machine = (settings: Settings = {}) => look('/nowhere', settings, (at) => machineChecks(at))
const port = async (settings: Settings) =>
  only(await look('/nowhere', settings, (at) => [portCheck(at)]), 'port')

test('memory, processors and open files of this one', async () => {
  const findings = await machine()
  assert.equal(
    findings.map(({ id }) => id),
    ['machine.memory', 'machine.cpu', 'machine.files'],
  )
  assert.ok(Number(only(findings, 'machine.memory').facts.free_bytes) > 0)
  assert.ok(Number(only(findings, 'machine.cpu').facts.cores) > 0)
})

test('more memory for isolates than there is', async () => {
  const most = Math.ceil(totalmem() / 1_048_576)
  const finding = only(await machine({ FAAS_ISOLATE_MEMORY_MB: String(most * 2) }), 'machine.memory')
  assert.is(finding.status, 'warn')
  assert.match(finding.remedy ?? '', /^set FAAS_ISOLATE_MEMORY_MB to \d+/)
})

test('many more hosts than processors', async () => {
  assert.is(only(await machine({ FAAS_ISOLATE_HOSTS: '256' }), 'machine.cpu').status, 'warn')
})

test('limits of control groups of version 2: the tightest on the way up', async () => {
  await using at = await folder()
  await mkdir(path.join(at.path, 'a/b'), { recursive: true })
  const write = (file: string, text: string) => writeFile(path.join(at.path, file), `${text}\n`)
  await write('own', '0::/a/b')
  await write('a/memory.max', '268435456')
  await write('a/b/memory.max', 'max')
  await write('a/b/memory.current', '1048576')
  await write('a/b/cpu.max', '150000 100000')
  await write('a/cpu.max', 'max 100000')
  await write('a/b/pids.max', '64')
  const limits = await cgroupLimits({ mount: at.path, own: path.join(at.path, 'own') })
  assert.equal(limits, { version: 2, memory: 268435456, memoryUsed: 1048576, cpus: 1.5, pids: 64 })
})

test('limits of control groups of version 1, whose "none" is a number', async () => {
  await using at = await folder()
  for (const controller of ['memory', 'cpu', 'pids'])
    await mkdir(path.join(at.path, controller, 'box'), { recursive: true })
  const write = (file: string, text: string) => writeFile(path.join(at.path, file), `${text}\n`)
  await write('own', '3:pids:/box\n2:cpu,cpuacct:/box\n1:memory:/box')
  await write('memory/memory.limit_in_bytes', '9223372036854771712')
  await write('memory/box/memory.limit_in_bytes', '536870912')
  await write('memory/box/memory.usage_in_bytes', '4096')
  await write('cpu/box/cpu.cfs_quota_us', '-1')
  await write('cpu/box/cpu.cfs_period_us', '100000')
  await write('pids/box/pids.max', 'max')
  const limits = await cgroupLimits({ mount: at.path, own: path.join(at.path, 'own') })
  assert.equal(limits, { version: 1, memory: 536870912, memoryUsed: 4096, cpus: null, pids: null })
})

test('no control groups', async () => {
  const limits = await cgroupLimits({ mount: '/nowhere', own: '/nowhere' })
  assert.equal(limits, { version: null, memory: null, memoryUsed: null, cpus: null, pids: null })
})

test('an isolate runs, and what runs it is told', async () => {
  const findings = await look('/nowhere', {}, (at) => isolateChecks(at))
  assert.is(only(findings, 'node').status, 'ok')
  assert.is(only(findings, 'isolate').status, 'ok')
  assert.ok(Number(only(findings, 'isolate').facts.ms) > 0)
  assert.match(String(only(findings, 'deno').facts.version), /^\d+\./)
})

test('a project without isolated-vm', async () => {
  await using at = await folder()
  await writeFile(path.join(at.path, 'package.json'), '{"dependencies":{"node":"99.0.0"}}')
  await mkdir(path.join(at.path, 'runtimes/isolate'), { recursive: true })
  await writeFile(path.join(at.path, 'runtimes/isolate/self-check.ts'), "import 'isolated-vm'\n")
  const findings = await look('/nowhere', {}, (here) =>
    isolateChecks({ ...here, root: at.path, onDeno: false }),
  )
  const isolate = only(findings, 'isolate')
  assert.is(isolate.status, 'fail')
  assert.match(isolate.summary, /isolated-vm cannot be used/)
  assert.match(isolate.remedy ?? '', /npm install/)
})

test('a port of zero, a free one and one that needs an address of this machine', async () => {
  assert.match((await port({ FAAS_PORT: '0' })).summary, /a free one is picked/)
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const free = String((holder.address() as { port: number }).port)
  await new Promise((resolve) => holder.close(resolve))
  assert.is((await port({ FAAS_PORT: free })).status, 'ok')
  const settings = { FAAS_PORT: free, FAAS_HOST: '192.0.2.1', FAAS_ADMIN_TOKEN: 'hush-token' }
  const elsewhere = await port(settings)
  assert.is(elsewhere.status, 'fail')
  assert.match(elsewhere.remedy ?? '', /FAAS_HOST/)
})

test('a port that something else has, be it silent', async () => {
  const holder = createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const taken = String((holder.address() as { port: number }).port)
  const finding = await port({ FAAS_PORT: taken })
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /no gateway answers there/)
  holder.removeAllListeners('request')
  assert.is((await port({ FAAS_PORT: taken })).status, 'fail')
  holder.closeAllConnections()
  holder.close()
})

test('a port that a gateway has is as it should be', async () => {
  await using server = await startServer()
  // A gateway that is ended while it still makes its snapshot leaves that process to end by itself.
  await until(() => /isolate +ready/.test(server.output()), 'the gateway is up', 15_000)
  const finding = await port({ FAAS_PORT: String(server.port) })
  assert.is(finding.status, 'ok')
  assert.match(finding.summary, /a gateway \d+\.\d+\.\d+ runs on/)
  assert.is((finding.facts.gateway as { ready: boolean }).ready, true)
})

test.run()
