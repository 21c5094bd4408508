// @slow
import { hostname } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isKnownDead } from '../../src/runtime/owner.ts'
import { openStore } from '../../src/store/libsql/open.ts'
import type { Store } from '../../src/store/store.ts'
import { DeployFixture, Gate, until } from '../support/deploy.ts'

const test = suite('builds whose gateway is gone')

const HELLO = 'export default () => new Response("hello")'
/** No process has a number beyond this. */
const NO_PROCESS = 4_194_999

let store: Store
test.before.each(async () => {
  store = await openStore({ url: ':memory:', authToken: null })
})
test.after.each(async () => {
  await store[Symbol.asyncDispose]()
})

/** A build that some gateway has opened, and left. */
async function leftOpen(owner: string, lease_until: number): Promise<number> {
  await using fixture = await DeployFixture.start({ store })
  const { callback_id } = await fixture.callback(HELLO)
  await store.deployments.open(callback_id, { runtime: 'isolate', c_type: 'isolate', owner, lease_until })
  return callback_id
}

test('with the lease run out it is built again, on any machine', async () => {
  const id = await leftOpen('elsewhere:1:a', Date.now() - 1)
  await using fixture = await DeployFixture.start({ store })
  await fixture.deployer.recover()
  await fixture.deployer.settled(id, 10_000)
  const record = (await store.deployments.get(id, 1))!
  assert.equal([record.status, record.runtime], ['active', 'isolate'])
  assert.equal(fixture.feed.statuses(id), ['start', 'building', 'import', 'success'])
  assert.match((await store.deployments.log(id, 1))![0]!, 'it begins again')
})

test('with the lease running it is left to its owner, unless that is a dead process of this machine', async () => {
  const later = Date.now() + 60_000
  const alive = await leftOpen('elsewhere:1:a', later)
  const dead = await leftOpen(`${hostname()}:${NO_PROCESS}:b`, later)
  await using fixture = await DeployFixture.start({ store })
  await fixture.deployer.recover()
  await fixture.deployer.settled(dead, 10_000)
  assert.is((await store.deployments.get(dead, 1))!.status, 'active')
  const untouched = (await store.deployments.get(alive, 1))!
  assert.equal([untouched.status, untouched.owner, untouched.lease_until], ['build', 'elsewhere:1:a', later])
})

test('of several gateways that see it, one builds it', async () => {
  const ids = [await leftOpen('a:1:a', 0), await leftOpen('a:1:a', 0), await leftOpen('a:1:a', 0)]
  await using one = await DeployFixture.start({ store, owner: 'one:1:x' })
  await using two = await DeployFixture.start({ store, owner: 'two:1:y' })
  await using three = await DeployFixture.start({ store, owner: 'three:1:z' })
  const all = [one, two, three]
  await Promise.all(all.map((fixture) => fixture.deployer.recover()))
  for (const id of ids) {
    await Promise.all(all.map((fixture) => fixture.deployer.settled(id, 10_000)))
    const booted = all.flatMap((fixture) =>
      fixture.activation.events.filter((event) => event === `boot ${id} v1`),
    )
    assert.is(booted.length, 1)
    assert.is((await store.deployments.get(id, 1))!.status, 'active')
  }
})

test('one that lost its build to another does not serve it', async () => {
  await using slow = await DeployFixture.start({ store, owner: 'slow:1:x' })
  await using fast = await DeployFixture.start({ store, owner: 'fast:1:y' })
  const { callback_id } = await slow.callback(HELLO)
  const gate = new Gate()
  slow.activation.booting = () => gate.pass()
  await slow.deployer.deploy(callback_id, 'auto')
  await until(() => gate.waiting === 1, 'the slow build boots')
  // As if it had slept through its lease.
  await store.deployments.progress(callback_id, 1, { lease_until: 0 })
  await fast.deployer.recover()
  await fast.deployer.settled(callback_id, 10_000)
  gate.open()
  await slow.deployer.settled(callback_id, 10_000)
  assert.is(fast.activation.serving.get(callback_id), 1)
  assert.is(slow.activation.serving.get(callback_id), undefined)
  assert.equal(slow.feed.statuses(callback_id), ['start', 'building', 'import'])
  assert.is((await store.deployments.get(callback_id, 1))!.owner, 'fast:1:y')
})

test('a gateway that stops hands its builds over at once: those that run and those that wait', async () => {
  const ids: number[] = []
  {
    await using stopping = await DeployFixture.start({ store, buildConcurrency: 1 })
    const gate = new Gate()
    stopping.activation.booting = (_deployment, _artifact, signal) => gate.pass(signal)
    for (let at = 0; at < 3; at++) ids.push((await stopping.callback(HELLO)).callback_id)
    for (const id of ids) await stopping.deployer.deploy(id, 'auto')
    await until(() => gate.waiting === 1, 'one build runs')
  }
  const open = await store.deployments.open_builds()
  assert.equal(
    open.map(({ status, lease_until }) => [status, lease_until]),
    ids.map(() => ['build', 0]),
  )
  await using next = await DeployFixture.start({ store })
  await next.deployer.recover()
  for (const id of ids) {
    await next.deployer.settled(id, 10_000)
    assert.is((await store.callbacks.get(id))!.status, 'deployed')
  }
})

test('a build that ends every gateway it runs on is given up', async () => {
  const id = await leftOpen('a:1:a', 0)
  for (let attempt = 1; attempt <= 3; attempt++) {
    await using fixture = await DeployFixture.start({ store })
    fixture.activation.booting = (_deployment, _artifact, signal) => new Gate().pass(signal)
    await fixture.deployer.recover()
    await until(() => fixture.activation.events.length === 1, `attempt ${attempt} boots`)
  }
  await using last = await DeployFixture.start({ store })
  await last.deployer.recover()
  const record = (await store.deployments.get(id, 1))!
  assert.equal([record.status, record.error!.code], ['failed', 'build_lost'])
  assert.match(record.error!.message, 'ended 4 times during this build, last in step "boot"')
  assert.is((await store.callbacks.get(id))!.status, 'failed')
  assert.equal(last.activation.events, [])
})

test('a gateway that stops takes no deploys', async () => {
  const fixture = await DeployFixture.start({ store })
  const { callback_id } = await fixture.callback(HELLO)
  await fixture[Symbol.asyncDispose]()
  const error = await fixture.deployer.deploy(callback_id, 'auto').catch((reason: { code: string }) => reason)
  assert.is((error as { code: string }).code, 'draining')
})

test('who is known to be dead', () => {
  const self = `${hostname()}:${process.pid}:me`
  assert.not.ok(isKnownDead(self, self))
  assert.ok(isKnownDead(`${hostname()}:${process.pid}:before`, self))
  assert.ok(isKnownDead(`${hostname()}:${NO_PROCESS}:x`, self))
  assert.not.ok(isKnownDead(`${hostname()}:${process.ppid}:x`, self))
  assert.not.ok(isKnownDead(`elsewhere:${NO_PROCESS}:x`, self))
  assert.not.ok(isKnownDead('nonsense', self))
  assert.ok(isKnownDead(`::1:${NO_PROCESS}:x`, '::1:1:y'))
})

test.run()
