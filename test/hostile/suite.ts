import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'
import type { Case } from './case.ts'
import { declareCases } from './declare-cases.ts'
import { eventually } from './judge.ts'
import { startNeighbours } from './neighbours.ts'
import { CAN_LOOK, familyOf, isRunning, type Process } from './processes.ts'

/**
 * What each process may have more than the largest had before. Small buffers stay with malloc: a gigabyte streamed
 * leaves 70 MB in the gateway and 110 in a host, and a second, third and fourth leave no more; all the cases of one
 * suite together were seen to leave 280. Whatever leaks per call would be far beyond it. MiB.
 */
const KEPT_MB = 320
const HOSTS = 2

/** Runs the cases on a gateway of their own, with neighbours beside them all the while. */
export async function hostile(title: string, cases: readonly Case[]): Promise<void> {
  const test = suite(title)
  const server = await startServer({
    FAAS_ISOLATE_HOSTS: String(HOSTS),
    FAAS_ISOLATE_BLANKS: '2',
    FAAS_LOG_FORMAT: 'json',
  })
  const neighbours = await startNeighbours(server)
  await eventually(async () => (neighbours.calls() > 50 ? true : undefined), 'fifty calls of the neighbours')
  const before = CAN_LOOK ? gatewayAndHosts(server.pid) : []

  declareCases(test, server, neighbours, cases)

  if (CAN_LOOK) {
    test('no process is left over, and the memory is given back', async () => {
      const most = Math.max(...before.map(({ rssMb }) => rssMb)) + KEPT_MB
      await eventually(
        async () => {
          const now = gatewayAndHosts(server.pid)
          return now.length <= 1 + HOSTS && now.every(({ rssMb }) => rssMb <= most) ? true : undefined
        },
        () =>
          `at most ${HOSTS} hosts, none with more than ${Math.round(most)} MB: ${mb(gatewayAndHosts(server.pid))}`,
      )
      console.log(
        `  resident MB of gateway and hosts before: ${mb(before)}; after: ${mb(gatewayAndHosts(server.pid))}`,
      )
    })
  }

  test('the gateway ends in peace, and nothing of it stays', async () => {
    const family = CAN_LOOK ? familyOf(server.pid).map(({ pid }) => pid) : []
    assert.equal(await server.stop(), { code: 0, signal: null })
    // What was orphaned is reaped by the machine's first process, in its own time.
    await eventually(
      async () => (family.some(isRunning) ? undefined : true),
      () => `processes ${family.filter(isRunning).join(', ')} end with the gateway`,
    )
  })

  test.after(async () => {
    await server.kill()
  })
  test.run()
}

/** Without the bundler, which is a process of its own too. */
function gatewayAndHosts(pid: number): Process[] {
  return familyOf(pid).filter((one) => one.pid === pid || one.command.includes('--permission'))
}

function mb(list: readonly Process[]): string {
  return list.map(({ rssMb }) => Math.round(rssMb)).join(', ')
}
