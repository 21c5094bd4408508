import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startGateway, stopped } from '../docker/gateway.ts'
import { source } from '../docker/probe.ts'
import { dockerNeed } from '../support/docker.ts'
import { skip } from '../support/skip.ts'
import type { Case } from './case.ts'
import { declareCases } from './declare-cases.ts'
import { eventually, type Target } from './judge.ts'
import { type Beside, startNeighbours } from './neighbours.ts'

const BESIDE: readonly Beside[] = [
  {
    path: 'beside-python',
    type: 'python',
    cType: 'docker',
    code: 'def handler(event, context):\n    return {"statusCode": 200, "body": "plain"}',
  },
  {
    path: 'beside-node',
    type: 'node',
    cType: 'docker',
    code: 'export const handler = () => ({ statusCode: 200, body: "plain" })',
  },
]

/** Runs the cases in containers of a gateway of their own, with neighbours beside them all the while. */
export async function hostileContainers(
  title: string,
  type: Target['type'],
  cases: readonly Case[],
  sourceOf = (name: string) => source(type, name),
): Promise<void> {
  const test = suite(title)
  const { name, missing } = dockerNeed()
  if (missing !== null) {
    skip(test, title, { name, missing })
    test.run()
    return
  }
  const target = { type, cType: 'docker', source: sourceOf, instanceGoes: type === 'node' }
  const gateway = await startGateway({ FAAS_DOCKER_PREWARM: '2', FAAS_ISOLATE_HOSTS: '1' })
  const neighbours = await startNeighbours(gateway, BESIDE)
  await eventually(async () => (neighbours.calls() > 20 ? true : undefined), 'twenty calls of the neighbours')

  declareCases(test, gateway, neighbours, cases, target)

  test('the gateway ends in peace, and nothing of it stays', async () => {
    assert.equal(await stopped(gateway), { end: { code: 0, signal: null }, left: [] })
    assert.not.match(gateway.output(), /outside of any request/)
  })

  test.after(async () => {
    await neighbours.stop()
    await gateway.clear()
  })
  test.run()
}
