import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type TestServer } from '../support/server.ts'
import { conformance } from './cases.ts'
import type { Profile } from './profiles.ts'
import { createSubject, SETTINGS } from './subject.ts'

/** Where the gateway of a table runs. */
export interface Surroundings {
  readonly settings?: Readonly<Record<string, string>>
  /** An address of this machine that functions can reach when they may. @default 127.0.0.1 */
  readonly reachable?: string
  /**
   * Settings of a gateway of their own for the cases that need a network: where it is the runtime's own, it takes most
   * of the time that a start takes.
   */
  readonly networked?: Readonly<Record<string, string>>
  /** What of the gateway with this data folder is left once it has ended. Asked while it runs. */
  readonly leavings?: (dataDir: string) => Promise<() => Promise<string[]>>
}

/** Declares the whole table for one runtime, on a gateway of its own that has to end in peace after it. */
export async function declareTable(
  test: Test,
  profile: Profile,
  { settings, networked, reachable = '127.0.0.1', leavings }: Surroundings = {},
): Promise<void> {
  const common = { ...SETTINGS, FAAS_EGRESS_ALLOW: reachable }
  const server = await startServer({ ...common, ...settings })
  const other = networked === undefined ? null : await startServer({ ...common, ...networked })
  const servers = other === null ? [server] : [server, other]
  let used: (() => Promise<void>)[] = []
  let declared = 0
  let passed = 0
  const subjectOf = (one: TestServer) =>
    createSubject(profile, one, reachable, (id) => used.push(() => undeploy(one, id)))
  const subject = subjectOf(server)

  if (profile.hasProcess)
    test.before(async () => {
      // One that stays: with the last function of a language those containers go that wait for the next one.
      await subject.deploy({ node: 'export const handler = () => 1', python: 'def handler(event): return 1' })
      used = []
    })

  conformance(
    (name, handler) => {
      declared++
      test(name, async () => {
        try {
          await handler()
          passed++
        } finally {
          // An instance is a container in some runtimes: the cases before must not fill the machine.
          if (profile.hasProcess) await Promise.all(used.splice(0).map((end) => end()))
        }
      })
    },
    subject,
    other === null ? subject : subjectOf(other),
  )

  async function undeploy(one: TestServer, callback_id: number): Promise<void> {
    const answer = await one.api('/deploy', { json: { callback_id, status: false } })
    assert.is(answer.status, 200, await answer.text())
  }

  test('every case of the table has run', () => {
    console.log(`\n${passed} of ${declared} cases passed on ${profile.name}`)
    assert.is(passed, declared)
  })

  test('the gateway ends in peace after all of it', async () => {
    for (const one of servers) {
      const left = await leavings?.(one.dataDir)
      assert.equal(await one.stop(), { code: 0, signal: null })
      assert.equal((await left?.()) ?? [], [])
    }
  })

  test.after(async () => {
    for (const one of servers) await one.kill()
  })
}
