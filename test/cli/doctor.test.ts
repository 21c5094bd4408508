// @serial
// @timeout 180
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PARTS } from '../../src/cli/doctor/finding.ts'
import { fakeEngine } from './doctor/fake-engine.ts'
import { folder, only } from './doctor/look.ts'
import { runDoctor } from './doctor/run-doctor.ts'

const test = suite('npm run doctor')
/** Neither needs an engine or a registry, so that these tests look at the program alone. */
const NOWHERE = { FAAS_DOCKER_HOST: 'unix:///nowhere/docker.sock', FAAS_NPM_REGISTRY: 'http://127.0.0.1:1/' }

test('--help tells how it is used', async () => {
  const { code, stdout } = await runDoctor('/nowhere', ['--help'])
  assert.is(code, 0)
  assert.match(stdout, /^usage: npm run doctor/)
})

test('an argument that is none', async () => {
  const { code, stdout, stderr } = await runDoctor('/nowhere', ['--jsn'])
  assert.is(code, 2)
  assert.is(stdout, '')
  assert.match(stderr, /^Cannot take the argument "--jsn"/)
})

test('--json is an array of findings, each of the same shape, in the order of the parts', async () => {
  await using home = await folder()
  const { findings, code, stderr } = await runDoctor(home.path, ['--json'], NOWHERE)
  assert.is(stderr, '')
  assert.is(code, 1)
  const found = findings()
  for (const finding of found) {
    const { id, part, status, summary, remedy, facts } = finding
    assert.ok(PARTS.includes(part), id)
    assert.ok(['ok', 'note', 'warn', 'fail'].includes(status), id)
    assert.type(summary, 'string')
    assert.not.match(summary, /\.$/, id)
    assert.type(facts, 'object')
    if (status === 'warn' || status === 'fail') assert.type(remedy, 'string', id)
    const keys = ['id', 'part', 'status', 'summary', ...(remedy === undefined ? [] : ['remedy']), 'facts']
    assert.equal(Object.keys(finding), keys)
  }
  assert.is(new Set(found.map(({ id }) => id)).size, found.length)
  const order = found.map(({ part }) => PARTS.indexOf(part))
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
  )
  const fixed = 'settings machine.memory machine.cpu machine.files port data-dir database node isolate deno'
  for (const id of [...fixed.split(' '), 'npm', 'npm.registry', 'pip.index', 'build-ca', 'docker', 'cluster'])
    only(found, id)
  assert.not.ok((await readdir(home.path)).includes('data'), 'it made the data folder')
})

test('it works where no gateway would start, says all of it and shows no secret', async () => {
  await using home = await folder()
  await mkdir(path.join(home.path, 'data'))
  await writeFile(path.join(home.path, 'data/faas.db'), 'no database at all '.repeat(1000))
  const settings = {
    ...NOWHERE,
    FAAS_PORT: 'many',
    FAAS_HOST: '0.0.0.0',
    FAAS_QUEUE_LIMT: '5',
    FAAS_DB_AUTH_TOKEN: 'hush-database',
    FAAS_PIP_INDEX_URL: 'http://me:hush-index@127.0.0.1:1/simple',
    FAAS_BUILD_CA_FILE: '/nowhere/ca.pem',
    KUBECONFIG: '/nowhere/kubeconfig',
  }
  const { code, stdout, stderr } = await runDoctor(home.path, [], settings)
  assert.is(code, 1)
  assert.is(stderr, '')
  assert.not.match(stdout, /hush/)
  for (const sentence of [
    /fail {2}FAAS_PORT must be a whole number .* it is "many"\n {8}→ correct FAAS_PORT/,
    /fail {2}FAAS_HOST is "0\.0\.0\.0", which others can reach/,
    /warn {2}FAAS_QUEUE_LIMT is not a setting; did you mean FAAS_QUEUE_LIMIT/,
    /fail {2}database: .*not a database/,
    /fail {2}npm registry: .*ECONNREFUSED/,
    /fail {2}Python index: .*ECONNREFUSED/,
    /fail {2}certificates: .*ENOENT/,
    /fail {2}engine: unix:\/\/\/nowhere\/docker\.sock/,
    /fail {2}cluster: .*KUBECONFIG/,
    /\d+ to do, \d+ that could be better/,
  ])
    assert.match(stdout, sentence)
})

test('warnings alone end with 0', async () => {
  await using home = await folder()
  await using engine = await fakeEngine()
  const settings = { FAAS_DB_URL: ':memory:', FAAS_DOCKER_HOST: engine.address }
  const { code, findings } = await runDoctor(home.path, ['--json'], settings)
  assert.is(only(findings(), 'database').status, 'warn')
  const failed = findings().filter(({ status }) => status === 'fail')
  assert.equal(
    failed.map(({ id }) => id),
    [],
  )
  assert.is(code, 0)
})

test('a data folder of another user', async () => {
  if (process.getuid?.() !== 0) return
  await using home = await folder()
  await mkdir(path.join(home.path, 'data'), { mode: 0o755 })
  await mkdir(path.join(home.path, 'deno'))
  await chmod(path.join(home.path, 'deno'), 0o777)
  await chmod(home.path, 0o755)
  const settings = { ...NOWHERE, DENO_DIR: path.join(home.path, 'deno') }
  const { code, findings } = await runDoctor(home.path, ['--json'], settings, 65534)
  const finding = only(findings(), 'data-dir')
  assert.is(code, 1)
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /cannot be written to \(EACCES\)/)
})

test.run()
