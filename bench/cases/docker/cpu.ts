import { dockerCase } from '../../docker/docker-case.ts'
import { busyCode } from '../../docker/functions.ts'
import { startDockerGateway } from '../../docker/gateway.ts'
import { startLoadGenerator } from '../../load/generator.ts'
import { type Ratio, target, valuesOf } from '../../results.ts'
import { median, pairwise } from '../../stats.ts'
import { loadOne, Recorder } from '../../turns.ts'

const CONNECTIONS = [1, 2, 8] as const
const BUSY_MS = [5, 50] as const
const LEAD_MS = 300
const FULL = { rounds: 3, roundMs: 1000 }
const QUICK = { rounds: 1, roundMs: 600 }

/** A Python handler that only computes: calls at the same time use more than one core. */
export const dockerCpu = dockerCase('docker-cpu', async (options) => {
  await using generator = startLoadGenerator()
  await using docker = await startDockerGateway()
  const { gateway } = docker
  options.progress('deploying')
  for (const ms of BUSY_MS)
    await gateway.deploy(
      await gateway.register({
        path: `busy-${ms}`,
        type: 'python',
        code: busyCode(ms),
        limits: { max_instances: 1 },
      }),
      'docker',
    )
  const turns = BUSY_MS.flatMap((ms) =>
    CONNECTIONS.map((connections) => ({
      label: labelOf(ms, connections),
      path: `/api/busy-${ms}`,
      connections,
    })),
  )
  const size = options.quick ? QUICK : FULL
  const rounds = options.rounds ?? size.rounds
  const recorder = new Recorder()
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`)
    for (const { label, path, connections } of round % 2 === 0 ? turns : turns.toReversed()) {
      const subject = { name: label, port: gateway.port }
      recorder.add(
        label,
        await loadOne(generator, subject, { path, connections, leadMs: LEAD_MS }, size.roundMs),
        null,
      )
    }
  }
  const rps = (ms: number, connections: number) => valuesOf(recorder.series, labelOf(ms, connections), 'rps')
  const ratios = BUSY_MS.flatMap((ms) =>
    CONNECTIONS.slice(1).map(
      (connections): Ratio => ({
        name: `rps of ${labelOf(ms, connections)} / one`,
        values: pairwise(rps(ms, connections), rps(ms, 1)),
      }),
    ),
  )
  return {
    about:
      `Python handlers that compute for ${BUSY_MS.join(' and ')} ms of CPU time, in one container, closed loop, ` +
      `${rounds} rounds in turns of ${size.roundMs / 1000} s each; medians over the rounds`,
    layout: 'rounds',
    series: recorder.series,
    ratios,
    // On one core no ratio could exceed 1.
    targets: ratios.map(({ name, values }) =>
      target(`docker: ${name}`, median(values), 'ratio', 'at least', 1.2),
    ),
    failures: recorder.failures,
    notes: [],
  }
})

function labelOf(ms: number, connections: number): string {
  return `${ms} ms, ${connections} at once`
}
