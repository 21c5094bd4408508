import { suite } from 'uvu'
import type { Store } from '../../src/store/store.ts'
import { type Need, skip } from '../support/skip.ts'
import { artifactCases } from './cases/artifacts.ts'
import { buildCases } from './cases/builds.ts'
import { callbackCases } from './cases/callbacks.ts'
import { chatroomCases } from './cases/chatrooms.ts'
import { deploymentCases } from './cases/deployments.ts'
import { recordCases } from './cases/records.ts'
import { storeCases } from './cases/store.ts'

/** One way to have a store: what it needs, and how a fresh, empty one is opened. */
export interface Way {
  readonly name: string
  readonly need?: Need
  readonly before?: () => Promise<void>
  readonly open: () => Promise<Store>
  readonly after?: () => Promise<void>
}

/** Declares a case with an empty store that is closed at its end. */
export type Case = (name: string, run: (store: Store) => Promise<void>) => void

const CASES = [
  callbackCases,
  chatroomCases,
  buildCases,
  deploymentCases,
  artifactCases,
  recordCases,
  storeCases,
]

/** Runs every case of the store's contract in one way to have a store. */
export function storeContract(way: Way): void {
  const test = suite(`store: ${way.name}`)
  const { need } = way
  if (need !== undefined && need.missing !== null) {
    skip(test, `the contract of the store: ${way.name}`, { name: need.name, missing: need.missing })
    test.run()
    return
  }
  if (way.before !== undefined) test.before(way.before)
  if (way.after !== undefined) test.after(way.after)
  const add: Case = (name, run) =>
    test(`${way.name}: ${name}`, async () => {
      await using store = await way.open()
      await run(store)
    })
  for (const cases of CASES) cases(add)
  test.run()
}
