// Writes without end and prints what was acknowledged, a line each, when it was: write.ts URL
import { writeSync } from 'node:fs'
import { openStore } from '../../../src/store/libsql/open.ts'
import { artifact, build, callbackInput, logLine } from '../fixtures.ts'

const store = await openStore({ url: process.argv[2]!, authToken: null })

// Written at once, past any buffer that a kill would lose.
function acknowledged(...words: (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

for (let count = 0; ; count++) {
  const { callback_id: id } = await store.callbacks.create(callbackInput({ path: `${crypto.randomUUID()}` }))
  acknowledged('callback', id)
  await store.records.addLogs([logLine(id, { message: `line of ${id}` })])
  acknowledged('log', id)
  await store.deployments.open(id, build())
  acknowledged('build', id)
  const digest = `digest-${id}`
  await store.artifacts.put(artifact(digest, { 'main.js.map': new Uint8Array(50_000).fill(count) }))
  await store.deployments.progress(id, 1, { artifact: digest })
  if (await store.deployments.activate(id, 1, 'gateway-1', { total: 1 })) acknowledged('active', id)
}
