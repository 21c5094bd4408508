// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStore } from '../../src/store/libsql/open.ts'
import type { Store } from '../../src/store/store.ts'
import { startChild } from './children/spawn.ts'
import { temporaryFolder } from './fixtures.ts'

const ROUNDS = 10
const MOST_LINES = 150

const test = suite('store: kill -9')

test(`what was acknowledged survives the process, ${ROUNDS} times`, async () => {
  await using folder = await temporaryFolder()
  const url = `file:${folder.path}/faas.db`
  const all: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await writeUntilKilled(url, 1 + Math.floor(Math.random() * MOST_LINES))
    all.push(...acknowledged)
    await using store = await openStore({ url, authToken: null })
    for (const line of all) await check(store, line)
    await checkRules(store)
  }
  assert.ok(
    all.some((line) => line.startsWith('active')),
    'some got as far as being deployed',
  )
})

test.run()

/** Kills a writing process soon after it has printed that many lines; all that it printed was acknowledged. */
async function writeUntilKilled(url: string, lines: number): Promise<string[]> {
  const child = startChild('write.ts', [url])
  const acknowledged: string[] = []
  for await (const line of child.lines) {
    acknowledged.push(line)
    if (acknowledged.length === lines) setTimeout(child.kill, Math.random() * 10)
  }
  assert.is(await child.exited, null, 'it was killed, it did not fail')
  return acknowledged
}

async function check(store: Store, line: string): Promise<void> {
  const [what, word] = line.split(' ')
  const id = Number(word)
  const callback = await store.callbacks.get(id)
  assert.is(callback?.callback_id, id, `${line} was acknowledged and is lost`)
  if (what === 'callback') return
  const logs = await store.records.logs(id, { limit: 2 })
  assert.equal(
    logs.map(({ message }) => message),
    [`line of ${id}`],
  )
  if (what === 'log') return
  const deployment = await store.deployments.get(id, 1)
  assert.is.not(deployment, null, `${line} was acknowledged and is lost`)
  if (what === 'build') return
  assert.equal([callback!.status, callback!.version, deployment!.status], ['deployed', 1, 'active'])
  const artifact = await store.artifacts.get(deployment!.artifact!)
  assert.is(artifact?.files['main.js.map']?.length, 50_000)
}

/** Nothing is half done: what says that it is deployed has a version that serves, and the other way round. */
async function checkRules(store: Store): Promise<void> {
  const callbacks = await store.callbacks.list()
  const active = await store.deployments.active()
  const open = await store.deployments.open_builds()
  const ids = (status: string) =>
    callbacks.filter((callback) => callback.status === status).map(({ callback_id }) => callback_id)
  assert.equal(
    active.map(({ callback_id }) => callback_id),
    ids('deployed'),
  )
  assert.equal(
    open.map(({ callback_id }) => callback_id),
    ids('build'),
  )
}
