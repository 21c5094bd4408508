// @serial
// @timeout 240
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerCheck } from '../../../src/cli/doctor/checks/docker/docker.ts'
import { docker, dockerNeed } from '../../support/docker.ts'
import { needing } from '../../support/skip.ts'
import { fakeEngine } from './fake-engine.ts'
import { folder, look, only, PATIENT, type Settings } from './look.ts'
import { runDoctor } from './run-doctor.ts'

const test = suite('the doctor on Docker')
const need = dockerNeed()
const onEngine = needing(test, need)
const NOBODY = 65534

/** What the machine's own Docker client would use; the rest of its environment stays out. */
const own: Settings = Object.fromEntries(
  ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'].flatMap(
    (name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    },
  ),
)
const at = (settings: Settings, home = '/nowhere') => look(home, settings, (here) => [dockerCheck(here)])
const real = (settings: Settings, home = process.env.HOME ?? '') =>
  look(home, settings, (here) => [dockerCheck(here)], PATIENT)
const engineAt = async (address: string) => only(await at({ FAAS_DOCKER_HOST: address }), 'docker')

test('a socket that is not there, named and not named', async () => {
  const named = await engineAt('unix:///nowhere/docker.sock')
  assert.is(named.status, 'fail')
  assert.match(named.summary, /by FAAS_DOCKER_HOST, does not answer \(ENOENT\)/)
  assert.match(named.remedy ?? '', /correct FAAS_DOCKER_HOST/)
  const byClient = only(await at({ DOCKER_HOST: 'unix:///nowhere/docker.sock' }), 'docker')
  assert.is(byClient.facts.from, 'DOCKER_HOST')
})

test('a port that nobody has, and what is no address', async () => {
  assert.match((await engineAt('tcp://127.0.0.1:1')).summary, /ECONNREFUSED/)
  const wrong = await engineAt('ftp://me:hush-hush@host')
  assert.is(wrong.status, 'fail')
  assert.not.match(JSON.stringify(wrong), /hush/)
})

test('a socket that this user may not use', async () => {
  await using home = await folder()
  await chmod(home.path, 0o755)
  await mkdir(path.join(home.path, 'deno'), { mode: 0o777 })
  await chmod(path.join(home.path, 'deno'), 0o777)
  const socket = path.join(home.path, 'docker.sock')
  const server = createServer().listen(socket)
  await new Promise((resolve) => server.once('listening', resolve))
  await chmod(socket, 0o000)
  const uid = process.getuid?.() === 0 ? NOBODY : undefined
  const settings = { FAAS_DOCKER_HOST: `unix://${socket}`, DENO_DIR: path.join(home.path, 'deno') }
  const report = await runDoctor(home.path, ['--json'], settings, uid)
  server.close()
  const finding = only(report.findings(), 'docker')
  assert.is(finding.status, 'fail')
  assert.is(finding.facts.code, 'EACCES')
  assert.match(finding.remedy ?? '', /add the user to group docker/)
  assert.is(report.code, 1)
})

test('an engine that says nothing, and one that stops in the middle', async () => {
  await using silent = await fakeEngine({ silent: /./ })
  const finding = await engineAt(silent.address)
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /the Docker engine did not answer within 3 s/)
  await using half = await fakeEngine({ silent: /df|containers/ })
  const findings = await at({ FAAS_DOCKER_HOST: half.address })
  assert.is(only(findings, 'docker').status, 'ok')
  assert.is(only(findings, 'docker.disk').status, 'note')
  assert.is(only(findings, 'docker.gateways').status, 'warn')
  assert.is(only(findings, 'docker.limits').status, 'ok')
})

test('an engine of another kind, and an old one', async () => {
  await using windows = await fakeEngine({ version: { Os: 'windows' } })
  const findings = await at({ FAAS_DOCKER_HOST: windows.address })
  assert.is(findings.length, 1)
  assert.match(only(findings, 'docker').remedy ?? '', /Linux containers/)
  await using old = await fakeEngine({ version: { Version: '19.03', ApiVersion: '1.40' } })
  assert.is((await engineAt(old.address)).status, 'warn')
})

test('an engine that cannot limit, and one that is open to the network', async () => {
  await using weak = await fakeEngine({
    info: { MemoryLimit: false, SecurityOptions: ['name=rootless'], CgroupVersion: '1' },
  })
  const limits = only(await at({ FAAS_DOCKER_HOST: weak.address }), 'docker.limits')
  assert.is(limits.status, 'fail')
  assert.match(limits.remedy ?? '', /delegate/)
  await using swapless = await fakeEngine({
    info: {
      SwapLimit: false,
      Driver: 'vfs',
      Warnings: [
        'WARNING: No swap limit support',
        'WARNING: API is accessible on http://0.0.0.0:2375 without encryption.',
        'WARNING: bridge-nf-call-iptables is disabled',
      ],
    },
  })
  const findings = await at({ FAAS_DOCKER_HOST: swapless.address })
  assert.match(only(findings, 'docker.limits').summary, /swap of containers cannot be limited/)
  assert.is(only(findings, 'docker.limits.open').status, 'warn')
  assert.match(only(findings, 'docker.limits.warnings').summary, /bridge-nf/)
  assert.is(only(findings, 'docker.storage').status, 'warn')
})

test('addresses that run out', async () => {
  await using full = await fakeEngine({
    info: { DefaultAddressPools: [{ Base: '10.10.0.0/16', Size: 18 }] },
    more: {
      '/networks': {
        body: ['a', 'b', 'c'].map((Name, index) => ({
          Name,
          Driver: 'bridge',
          IPAM: { Config: [{ Subnet: `10.10.${index * 64}.0/18` }] },
        })),
      },
    },
  })
  const finding = only(await at({ FAAS_DOCKER_HOST: full.address }), 'docker.networks')
  assert.is(finding.status, 'warn')
  assert.is(finding.facts.capacity, 4)
  assert.match(finding.remedy ?? '', /docker network prune/)
})

test('an image that its registry has, and one that nobody has', async () => {
  await using engine = await fakeEngine({ more: { '/distribution/python': { body: { Descriptor: {} } } } })
  const findings = await at({ FAAS_DOCKER_HOST: engine.address, FAAS_NODE_IMAGE: 'nobody/node:1' })
  const python = only(findings, 'docker.image.python')
  assert.is(python.status, 'warn')
  assert.match(python.remedy ?? '', /docker pull python:3-slim$/)
  const node = only(findings, 'docker.image.node')
  assert.is(node.status, 'fail')
  assert.match(node.remedy ?? '', /FAAS_NODE_IMAGE.*docker pull nobody\/node:1/)
})

onEngine(
  'the real engine: which it is, its limits, disk, networks, and images that run and leave nothing',
  async () => {
    const findings = await real(own)
    const engine = only(findings, 'docker')
    assert.is(engine.status, 'ok')
    assert.match(String(engine.facts.version), /^\d+\./)
    for (const id of ['docker.limits', 'docker.storage', 'docker.disk', 'docker.networks', 'docker.gateways'])
      assert.not.equal(only(findings, id).status, 'fail', id)
    assert.ok(Number(only(findings, 'docker.disk').facts.images) > 0)
    for (const language of ['python', 'node']) {
      if (only(findings, `docker.image.${language}`).facts.present !== true) continue
      assert.match(only(findings, `docker.start.${language}`).summary, /ran in a container/)
    }
    await untilNoneIsLeft()
  },
)

onEngine('an image that is not the language', async () => {
  const findings = await real({ ...own, FAAS_PYTHON_IMAGE: 'busybox' })
  if (only(findings, 'docker.image.python').facts.present !== true) return
  assert.is(only(findings, 'docker.start.python').status, 'fail')
})

onEngine('a wrong image name', async () => {
  const settings = { ...own, FAAS_PYTHON_IMAGE: 'localhost:1/no/such:image' }
  const finding = only(await real(settings), 'docker.image.python')
  assert.is(finding.status, 'fail')
  assert.match(finding.remedy ?? '', /FAAS_PYTHON_IMAGE.*docker pull localhost:1\/no\/such:image/)
})

onEngine('what a gateway has there, and what one that ended left behind', async () => {
  await using home = await folder()
  await mkdir(path.join(home.path, 'data'))
  await writeFile(path.join(home.path, 'data/gateway-id'), 'd0c70001\n')
  const image = (await docker('images', '--quiet', 'busybox')) === '' ? 'node:26-slim' : 'busybox'
  const start = (owner: string) =>
    docker(
      'run',
      ...['--detach', '--rm', '--label', 'faas-dev=doctor', '--label', 'faas.role=function'],
      ...['--label', 'faas.gateway=d0c70001', '--label', `faas.owner=${owner}`],
      ...['--network', 'none', image, 'sleep', '60'],
    )
  const alive = await start(`${hostname()}:${process.ppid}:aaaa`)
  // No process has the largest number that Linux knows.
  const dead = await start(`${hostname()}:4194304:bbbb`)
  const elsewhere = await start('another.example:1:cccc')
  try {
    const findings = await real(
      { ...own, DOCKER_CONFIG: path.join(process.env.HOME ?? '', '.docker') },
      home.path,
    )
    const gateways = only(findings, 'docker.gateways').facts
    assert.is(gateways.this, 'd0c70001')
    const ours = (gateways.gateways as { gateway: string; containers: number; memory_bytes: number }[]).find(
      ({ gateway }) => gateway === 'd0c70001',
    )
    assert.is(ours?.containers, 3)
    assert.ok(Number(ours?.memory_bytes) > 0)
    const orphans = only(findings, 'docker.gateways.orphans')
    assert.is(orphans.status, 'warn')
    const left = (orphans.facts.containers as { owner: string }[]).filter(({ owner }) =>
      /:(aaaa|bbbb|cccc)$/.test(owner),
    )
    assert.equal(
      left.map(({ owner }) => owner),
      [`${hostname()}:4194304:bbbb`],
    )
    assert.match(orphans.remedy ?? '', /docker rm -f/)
  } finally {
    await docker('rm', '--force', alive, dead, elsewhere)
  }
})

/** The engine removes a container a moment after its end. @throws Error when one stays */
async function untilNoneIsLeft(): Promise<void> {
  const until = Date.now() + PATIENT
  for (;;) {
    const left = await docker('ps', '--all', '--quiet', '--filter', 'label=faas.role=doctor')
    if (left === '') return
    if (Date.now() > until) throw new Error(`containers of the doctor are left: ${left}`)
  }
}

test.run()
