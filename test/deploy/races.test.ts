// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GatewayError } from '../../src/errors.ts'
import { DeployFixture, Gate, until } from '../support/deploy.ts'

const test = suite('deploys, undeploys and deletes at the same time')

const HELLO = 'export default () => new Response("hello")'

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof GatewayError ? error.code : String(error)
}

test('undeploy: retired in the store, ended, and deployable again', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  await fixture.deployed(callback_id)
  const undeployed = await fixture.deployer.undeploy(callback_id)
  assert.equal([undeployed.status, undeployed.version], ['undeployed', null])
  assert.equal(fixture.activation.events.slice(-2), [
    `retiring ${callback_id} undeployed`,
    `retired ${callback_id}`,
  ])
  assert.equal(await fixture.store.deployments.active(), [])
  assert.is((await fixture.deployed(callback_id)).version, 2)
  assert.is(fixture.activation.serving.get(callback_id), 2)
})

test('while a build runs, undeploy and delete are refused, and the build goes on', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  const gate = new Gate()
  fixture.activation.booting = () => gate.pass()
  await fixture.deployer.deploy(callback_id, 'auto')
  assert.is(await codeOf(fixture.deployer.undeploy(callback_id)), 'build_running')
  assert.is(await codeOf(fixture.deployer.remove(callback_id)), 'delete_while_building')
  gate.open()
  await fixture.deployer.settled(callback_id, 10_000)
  assert.is((await fixture.store.callbacks.get(callback_id))!.status, 'deployed')
})

test('what is not there cannot be undeployed or deleted', async () => {
  await using fixture = await DeployFixture.start()
  assert.is(await codeOf(fixture.deployer.undeploy(7)), 'not_found')
  assert.is(await codeOf(fixture.deployer.remove(7)), 'not_found')
  assert.is(await codeOf(fixture.deployer.removeForced(7)), 'not_found')
})

test('a deploy right behind an undeploy: what the undeploy ends is never the new version', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  await fixture.deployed(callback_id)
  const gate = new Gate()
  fixture.activation.ending = () => gate.pass()
  const undeploying = fixture.deployer.undeploy(callback_id)
  await until(() => gate.waiting === 1, 'the undeploy ends what runs')
  await fixture.deployer.deploy(callback_id, 'auto')
  const reached = async () => (await fixture.store.deployments.get(callback_id, 2))?.step === 'boot'
  await until(reached, 'the build is about to boot')
  assert.not.ok(fixture.activation.events.includes(`boot ${callback_id} v2`))
  gate.open()
  await undeploying
  await fixture.deployer.settled(callback_id, 10_000)
  assert.equal(fixture.activation.events.slice(2), [
    `retiring ${callback_id} undeployed`,
    `retired ${callback_id}`,
    `boot ${callback_id} v2`,
    `activated ${callback_id} v2`,
  ])
})

test('a forced delete gives the build up, wherever it is', async () => {
  await using fixture = await DeployFixture.start({ buildConcurrency: 1 })
  const [running, waiting] = [await fixture.callback(HELLO), await fixture.callback(HELLO)]
  const gate = new Gate()
  let aborted: unknown
  fixture.activation.booting = (_deployment, _artifact, signal) =>
    gate.pass(signal).catch((reason: unknown) => {
      aborted = reason
      throw reason
    })
  await fixture.deployer.deploy(running.callback_id, 'auto')
  await fixture.deployer.deploy(waiting.callback_id, 'auto')
  await until(() => gate.waiting === 1, 'one build runs')
  // The one that waits does not wait for its turn to be given up.
  await fixture.deployer.removeForced(waiting.callback_id)
  assert.is(gate.waiting, 1)
  assert.is(await fixture.store.callbacks.get(waiting.callback_id), null)
  await fixture.deployer.removeForced(running.callback_id)
  assert.match(String(aborted), 'removed')
  assert.equal(await fixture.store.callbacks.list(), [])
  assert.equal(await fixture.store.deployments.open_builds(), [])
  assert.is(fixture.activation.events.at(-1), `retired ${running.callback_id}`)
  assert.equal(fixture.feed.statuses(running.callback_id), ['start', 'building', 'import'])
  assert.equal(fixture.logged, [])
})

test('deleted behind its back, a build ends quietly and leaves nothing running', async () => {
  await using fixture = await DeployFixture.start()
  const { callback_id } = await fixture.callback(HELLO)
  const gate = new Gate()
  fixture.activation.booting = () => gate.pass()
  await fixture.deployer.deploy(callback_id, 'auto')
  await until(() => gate.waiting === 1, 'the build boots')
  // As another replica does it.
  await fixture.store.callbacks.delete(callback_id, { force: true })
  gate.open()
  await until(() => fixture.activation.events.includes(`retired ${callback_id}`), 'the instance is ended')
  assert.not.ok(fixture.activation.events.includes(`activated ${callback_id} v1`))
  assert.not.ok(fixture.feed.statuses(callback_id).includes('success'))
})

test('a storm of everything ends in a state that fits together', async () => {
  await using fixture = await DeployFixture.start({ buildConcurrency: 3 })
  const callbacks = await Promise.all([1, 2, 3].map(() => fixture.callback(HELLO)))
  const allowed = ['build_running', 'delete_while_building', 'not_found', 'null']
  const work: Promise<unknown>[] = []
  for (let round = 0; round < 12; round++) {
    for (const { callback_id } of callbacks) {
      const action = (round * 7 + callback_id * 3) % 4
      const doing =
        action === 1
          ? fixture.deployer.undeploy(callback_id)
          : action === 3 && round === 9
            ? fixture.deployer.removeForced(callback_id)
            : fixture.deployer.deploy(callback_id, 'auto')
      work.push(codeOf(doing).then((code) => assert.ok(allowed.includes(code), code)))
    }
    await new Promise((resolve) => setImmediate(resolve))
    if (round % 4 === 3)
      await Promise.all(callbacks.map(({ callback_id }) => fixture.deployer.settled(callback_id, 10_000)))
  }
  await Promise.all(work)
  await Promise.all(callbacks.map(({ callback_id }) => fixture.deployer.settled(callback_id, 10_000)))
  assert.equal(await fixture.store.deployments.open_builds(), [])
  const serving = (await fixture.store.deployments.active()).map(({ callback_id, version }) => [
    callback_id,
    version,
  ])
  assert.equal([...fixture.activation.serving].sort(), serving.sort())
  assert.equal(fixture.logged, [])
})

test.run()
