// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStore } from '../../src/store/libsql/open.ts'
import { needing } from '../support/skip.ts'
import { SQLD, startSqld } from '../support/sqld.ts'
import { startChild } from './children/spawn.ts'
import { temporaryFolder } from './fixtures.ts'

const ROUNDS = 60

const test = suite('store: several processes')

test('two processes that start on a new file and race keep every rule', async () => {
  await using folder = await temporaryFolder()
  await race(`file:${folder.path}/new/faas.db`)
})

needing(test, SQLD)('two processes that start on a new server and race keep every rule', async () => {
  await using sqld = await startSqld()
  await race(sqld.http)
})

test.run()

async function race(url: string): Promise<void> {
  // The first start races too: each finds no schema.
  const children = ['one', 'two'].map((name) => startChild('race.ts', [url, name, String(ROUNDS)]))
  const opening = openStore({ url, authToken: null })
  const printed = await Promise.all(
    children.map(async ({ lines, exited }) => {
      const all = await Array.fromAsync(lines)
      assert.is(await exited, 0)
      return all
    }),
  )
  await using store = await opening
  const created = printed.flat().filter((line) => line.startsWith('created'))
  assert.is(created.length, ROUNDS, 'each path was got once')
  const list = await store.callbacks.list()
  assert.is(list.length, ROUNDS + 1)
  assert.is(new Set(list.map(({ callback_id }) => callback_id)).size, ROUNDS + 1)

  const opened = printed.flat().filter((line) => line.startsWith('opened'))
  assert.ok(opened.length > 0)
  assert.is(new Set(opened).size, opened.length, 'each version was opened once')
  const deployments = await store.deployments.list(1001)
  assert.is(deployments.length, opened.length)
  assert.is(deployments[0]?.version, opened.length, 'none was skipped')
  assert.is(deployments.filter(({ status }) => status === 'active').length, 1)
  assert.is(printed.flat().filter((line) => line.startsWith('activated')).length, opened.length)
}
