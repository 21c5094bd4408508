// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BUILD_STEPS } from '../../src/domain/deployment.ts'
import { GatewayError } from '../../src/errors.ts'
import { BootFailure, RuntimeUnavailable } from '../../src/runtime/failures.ts'
import { DeployFixture, FakeRuntimes, Gate, until } from '../support/deploy.ts'
import { fakeRegistry } from '../support/fake-registry.ts'

const test = suite('a deploy')

const HELLO = 'export default { fetch: () => new Response("hello") }'

async function refusal(work: Promise<unknown>): Promise<GatewayError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, GatewayError)
  return error as GatewayError
}

test('is acknowledged at once, goes through its steps in order, and serves', async () => {
  await using fixture = await DeployFixture.start()
  const entered: string[] = []
  const progress = fixture.store.deployments.progress
  fixture.store.deployments.progress = (id, version, patch) => {
    if (patch.step !== undefined) entered.push(patch.step)
    return progress(id, version, patch)
  }
  const { callback_id } = await fixture.callback(HELLO)
  const acknowledged = await fixture.deployer.deploy(callback_id, 'auto')
  assert.equal([acknowledged.status, acknowledged.c_type, acknowledged.version], ['build', 'auto', null])
  await fixture.deployer.settled(callback_id, 10_000)

  assert.equal(['validate', ...entered], [...BUILD_STEPS])
  const record = (await fixture.store.deployments.get(callback_id, 1))!
  assert.equal(
    [record.status, record.step, record.runtime, record.error],
    ['active', 'activate', 'isolate', null],
  )
  assert.equal(Object.keys(record.timings).sort(), [...BUILD_STEPS, 'total'].sort())
  const artifact = (await fixture.store.artifacts.get(record.artifact!))!
  assert.equal(Object.keys(artifact.files), ['main.js', 'main.js.map'])
  const callback = (await fixture.store.callbacks.get(callback_id))!
  assert.equal([callback.status, callback.version], ['deployed', 1])
  assert.equal(fixture.activation.events, [`boot ${callback_id} v1`, `activated ${callback_id} v1`])
  assert.equal(fixture.feed.statuses(callback_id), ['start', 'building', 'import', 'success'])
  assert.equal(fixture.logged, [])
})

test('that fails keeps the old version serving, and says where', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  await fixture.deployed(callback_id)
  await fixture.store.callbacks.update(callback_id, { code: 'export default () => {\n  retrun 1\n}' })
  const record = await fixture.deployed(callback_id)
  assert.equal([record.version, record.status, record.step], [2, 'failed', 'bundle'])
  const { file, line, column, code } = record.error!
  assert.equal([code, file, line, column], ['syntax_error', 'callback.ts', 2, 10])
  const callback = (await fixture.store.callbacks.get(callback_id))!
  assert.equal([callback.status, callback.version], ['failed', 1])
  assert.is(fixture.activation.serving.get(callback_id), 1)
  assert.equal(fixture.activation.abandonedVersions, [2], 'what the failed build may have started ends')
  assert.equal(
    (await fixture.store.deployments.active()).map(({ version }) => version),
    [1],
  )
  assert.equal(fixture.feed.statuses(callback_id).slice(4), ['start', 'building', 'failed'])
  const last = fixture.feed.messages.at(-1)!
  assert.equal([last.type, /^callback\.ts:2:10: Expected ";"/.test(last.message)], ['error', true])
  const kept = (await fixture.store.deployments.log(callback_id, 2))!
  assert.ok(
    kept.some((text) => text.includes('callback.ts:2:10')),
    kept.join('\n'),
  )
})

test('whose module is broken fails at boot, in the author’s coordinates', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback('const a: number = 1\nthrow new TypeError("at load " + a)')
  fixture.activation.booting = async (_deployment, artifact) => {
    const main = new TextDecoder().decode(artifact.files['main.js'])
    const column = main.indexOf('new TypeError') + 1
    const stack = `TypeError: at load 1\n    at main.js:1:${column}\n    at prelude.js:9:9`
    throw new BootFailure('module_threw', { name: 'TypeError', message: 'at load 1', stack })
  }
  const { error } = await fixture.deployed(callback_id)
  assert.equal(error, {
    code: 'module_threw',
    message: 'TypeError: at load 1',
    step: 'boot',
    stack: 'TypeError: at load 1\n    at callback.ts:2:7',
    file: 'callback.ts',
    line: 2,
    column: 7,
  })
})

test('whose runtime cannot start an instance says what to do', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  fixture.activation.booting = () =>
    Promise.reject(new RuntimeUnavailable('No host answers', 'look at its log'))
  const { error } = await fixture.deployed(callback_id)
  assert.equal([error!.code, error!.message], ['runtime_unavailable', 'No host answers: look at its log'])
})

test('that the gateway itself breaks tells no secrets to the author, and all to the operator', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  fixture.activation.booting = () => Promise.reject(new Error('secret path /srv/x'))
  const record = await fixture.deployed(callback_id)
  assert.equal([record.status, record.error!.code], ['failed', 'internal'])
  assert.not.match(JSON.stringify([record.error, fixture.feed.messages]), 'secret')
  assert.is(fixture.logged.length, 1)
})

test('of a callback that is not there, is being built, or that nothing named can run, is refused', async () => {
  await using fixture = await DeployFixture.start()
  assert.is((await refusal(fixture.deployer.deploy(999, 'auto'))).code, 'not_found')
  const { callback_id } = await fixture.callback(HELLO)
  const docker = await refusal(fixture.deployer.deploy(callback_id, 'docker'))
  assert.equal([docker.code, docker.status], ['runtime_unavailable', 422])
  assert.match(docker.message, 'start docker')
  assert.is((await fixture.store.callbacks.get(callback_id))!.status, 'pending')
  const gate = new Gate()
  fixture.activation.booting = () => gate.pass()
  await fixture.deployer.deploy(callback_id, 'auto')
  assert.is((await refusal(fixture.deployer.deploy(callback_id, 'auto'))).code, 'build_running')
  gate.open()
})

test('with auto that nothing can run is accepted, and fails saying what to start', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback('def handler(event): pass', { type: 'python' })
  const record = await fixture.deployed(callback_id)
  assert.equal(
    [record.status, record.step, record.error!.code],
    ['failed', 'validate', 'runtime_unavailable'],
  )
  assert.match(record.error!.message, 'Nothing here can run python')
})

const NEEDS_FILES = "import { readFileSync } from 'fs'\nexport default () => readFileSync('/x')"

test('with auto of code that an isolate cannot run goes on to the next runtime', async () => {
  await using fixture = await DeployFixture.start({ runtimes: new FakeRuntimes('isolate', 'docker') })
  const { callback_id } = await fixture.callback(NEEDS_FILES)
  const record = await fixture.deployed(callback_id)
  assert.equal([record.status, record.runtime], ['active', 'docker'])
  const kept = (await fixture.store.deployments.log(callback_id, 1))!
  assert.ok(kept.some((line) => /goes on with docker/.test(line)))
})

test('with auto and no other runtime, or by name, fails with the built-in and the way out', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(NEEDS_FILES)
  const auto = (await fixture.deployed(callback_id)).error!
  assert.equal([auto.code, auto.line, auto.column], ['builtin_unavailable', 1, 30])
  assert.match(
    auto.message,
    /"fs".*looked for a runtime that can: docker \(it does not answer: start it\), kube \(it does not answer: start it\)$/,
  )
  const named = (await fixture.deployed(callback_id, 'isolate')).error!
  assert.is(named.code, 'builtin_unavailable')
  assert.match(named.message, 'c_type docker')
  assert.not.match(named.message, 'looked for')
})

test('with a library installs it, keeps its lock with the artifact, and uses that while it is unchanged', async () => {
  const versions = (...all: string[]) =>
    all.map((version) => ({
      name: 'left',
      version,
      files: { 'index.js': `module.exports = "left ${version}"` },
    }))
  await using registry = await fakeRegistry(versions('1.0.0'))
  await using fixture = await DeployFixture.start({ npmRegistry: registry.url })
  const code = "import left from 'left'; export default () => left"
  const library = '{"dependencies":{"left":"^1.0.0"}}'
  const { callback_id } = await fixture.callback(code, { library })
  const first = await fixture.deployed(callback_id)
  assert.is(first.status, 'active', JSON.stringify(first.error))
  const artifact = (await fixture.store.artifacts.get(first.artifact!))!
  assert.match(new TextDecoder().decode(artifact.files['package-lock.json']), '"node_modules/left"')
  assert.match(new TextDecoder().decode(artifact.files['main.js']), 'left 1.0.0')

  registry.requests.length = 0
  const second = await fixture.deployed(callback_id)
  assert.equal([second.status, second.artifact, registry.requests.length], ['active', first.artifact, 0])

  await fixture.store.callbacks.update(callback_id, { library: '{"dependencies":{"right":"1"}}' })
  const third = await fixture.deployed(callback_id)
  assert.equal([third.status, third.step, third.error!.code], ['failed', 'install', 'library_install_failed'])
  assert.match(third.error!.message, /E404.*right/)

  await fixture.store.callbacks.update(callback_id, { library: '{"dependencies":{"left":"file:/etc"}}' })
  const fourth = await fixture.deployed(callback_id)
  assert.equal([fourth.step, fourth.error!.code], ['validate', 'library_invalid'])
})

test('that takes too long is ended, in whatever step, and the next one works', async () => {
  await using fixture = await DeployFixture.start({ buildTimeoutMs: 300 })
  const { callback_id } = await fixture.callback(HELLO)
  let signal: AbortSignal | undefined
  fixture.activation.booting = (_deployment, _artifact, given) => {
    signal = given
    return new Gate().pass(given)
  }
  const { error, status } = await fixture.deployed(callback_id)
  assert.equal([status, error!.code, error!.step], ['failed', 'build_timeout', 'boot'])
  assert.is(
    error!.message,
    'The build took longer than 0.3 s and was ended in step "boot": raise FAAS_BUILD_TIMEOUT_MS if it needs more',
  )
  assert.ok(signal!.aborted)
  fixture.activation.booting = async () => {}
  assert.is((await fixture.deployed(callback_id)).status, 'active')
})

test('at most so many at a time, first come first served', async () => {
  await using fixture = await DeployFixture.start({ buildConcurrency: 2 })
  const gate = new Gate()
  let running = 0
  let most = 0
  const order: number[] = []
  fixture.activation.booting = async ({ callback_id }) => {
    order.push(callback_id)
    most = Math.max(most, ++running)
    await gate.pass()
    running--
  }
  const ids = await Promise.all(
    Array.from({ length: 6 }, async () => (await fixture.callback(HELLO)).callback_id),
  )
  for (const id of ids) await fixture.deployer.deploy(id, 'auto')
  await until(() => running === 2, 'two builds run')
  gate.open()
  await Promise.all(ids.map((id) => fixture.deployer.settled(id, 10_000)))
  assert.is(most, 2)
  assert.equal(
    order.toSorted((a, b) => a - b),
    ids.toSorted((a, b) => a - b),
  )
  assert.equal(order.slice(0, 2).toSorted(), ids.slice(0, 2).toSorted())
})

test('settled gives up after its time, and is immediate where nothing is built', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  await fixture.deployer.settled(callback_id, 60_000)
  const gate = new Gate()
  fixture.activation.booting = () => gate.pass()
  await fixture.deployer.deploy(callback_id, 'auto')
  const began = Date.now()
  await fixture.deployer.settled(callback_id, 100)
  assert.ok(Date.now() - began >= 95)
  assert.is((await fixture.store.callbacks.get(callback_id))!.status, 'build')
  gate.open()
})

test('the build log is told as it is written, and bounded', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  const isolate = fixture.runtimes.get('isolate')!
  const { making } = isolate
  isolate.making = (deployment, build) => {
    for (let at = 1; at <= 5000; at++) build.log(`line ${at}`)
    build.log('x'.repeat(10_000))
    return making(deployment, build)
  }
  await fixture.deployed(callback_id)
  const kept = (await fixture.store.deployments.log(callback_id, 1))!
  assert.is(kept.length, 2000)
  assert.equal([kept[0], kept[1998]], ['line 1', 'line 1999'])
  assert.match(kept[1999]!, 'The build log ends here')
  assert.is(fixture.feed.messages.filter((message) => message.type === 'log').length, 2000)
})

test.run()
