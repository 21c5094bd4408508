// Tries what only one of several processes may get, and prints what it got: race.ts URL NAME ROUNDS
import { openStore } from '../../../src/store/libsql/open.ts'
import { BuildRunning, PathTaken } from '../../../src/store/store.ts'
import { build, callbackInput } from '../fixtures.ts'

const [url, name, rounds] = process.argv.slice(2) as [string, string, string]
await using store = await openStore({ url, authToken: null })
// Both try, one of them gets it in.
await store.callbacks.create(callbackInput({ path: 'contended' }), 1001).catch((error: unknown) => {
  if (!(error instanceof PathTaken)) throw error
})

for (let round = 0; round < Number(rounds); round++) {
  const path = `round-${round}/:${name}`
  try {
    const { callback_id } = await store.callbacks.create(callbackInput({ path }))
    console.log('created', round, callback_id)
  } catch (error) {
    if (!(error instanceof PathTaken)) throw error
  }
  try {
    const { version } = await store.deployments.open(1001, build(name))
    console.log('opened', version)
    if (await store.deployments.activate(1001, version, name, {})) console.log('activated', version)
  } catch (error) {
    if (!(error instanceof BuildRunning)) throw error
  }
}
