import { runContainer } from '../../docker/container-per-call.ts'
import { dockerCase } from '../../docker/docker-case.ts'
import { DOCKER_LANGUAGES, GREETING_BODY, GREETING_CODE } from '../../docker/functions.ts'
import { startDockerGateway } from '../../docker/gateway.ts'
import { type LoadGenerator, startLoadGenerator } from '../../load/generator.ts'
import { type Ratio, target, valuesOf } from '../../results.ts'
import { median, pairwise } from '../../stats.ts'
import { loadOne, Recorder } from '../../turns.ts'

const CONNECTIONS = [1, 8, 32] as const
const LEAD_MS = 200
const FULL = { rounds: 5, roundMs: 800, warmUpMs: 2000 }
const QUICK = { rounds: 2, roundMs: 400, warmUpMs: 800 }

/** Warm calls of one handler in containers and in an isolate, beside a container per call. */
export const dockerWarm = dockerCase('docker-warm', async (options) => {
  await using generator = startLoadGenerator()
  await using docker = await startDockerGateway()
  const { gateway } = docker
  options.progress('deploying')
  const functions = [
    ...DOCKER_LANGUAGES.map((type) => ({
      name: `docker ${type}`,
      path: type,
      type,
      runtime: 'docker' as const,
    })),
    { name: 'isolate', path: 'isolate', type: 'node' as const, runtime: 'isolate' as const },
  ]
  for (const { path, type, runtime } of functions)
    await gateway.deploy(await gateway.register({ path, type, code: GREETING_CODE[type] }), runtime)
  const turns = functions.flatMap(({ name, path }) =>
    CONNECTIONS.map((connections) => ({ name, label: `${name}, ${connections} at once`, path, connections })),
  )
  const size = options.quick ? QUICK : FULL
  const rounds = options.rounds ?? size.rounds
  const load = (turn: (typeof turns)[number], durationMs: number) =>
    loadTurn(generator, gateway.port, turn, durationMs)
  for (const turn of turns.filter(({ connections }) => connections === CONNECTIONS.at(-1))) {
    const { body } = await gateway.call(turn.path)
    if (body !== GREETING_BODY) throw new Error(`Cannot measure ${turn.name}: it answered ${body}`)
    await load(turn, size.warmUpMs)
  }
  const recorder = new Recorder()
  const perCall: number[] = []
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`)
    for (const turn of round % 2 === 0 ? turns : turns.toReversed())
      recorder.add(turn.label, await load(turn, size.roundMs), null)
    perCall.push(median([await runContainer('python'), await runContainer('python')]))
  }
  const { series, failures } = recorder
  const values = (label: string, metric: string) => valuesOf(series, label, metric)
  const ratios: Ratio[] = [
    {
      name: 'docker run / warm Python, p50',
      values: pairwise(perCall, values('docker python, 1 at once', 'p50')),
    },
    ...CONNECTIONS.map((connections) => ({
      name: `rps, ${connections} at once: docker node / docker python`,
      values: pairwise(
        values(`docker node, ${connections} at once`, 'rps'),
        values(`docker python, ${connections} at once`, 'rps'),
      ),
    })),
    {
      name: 'rps, 32 at once: isolate / docker python',
      values: pairwise(values('isolate, 32 at once', 'rps'), values('docker python, 32 at once', 'rps')),
    },
  ]
  const ratio = (index: number) => median(ratios[index]!.values)
  return {
    about:
      `One handler that answers a little JSON, warm, closed loop, ${rounds} rounds in turns of ${size.roundMs / 1000} s each, ` +
      'and between the rounds docker run --rm of the same image and function; medians over the rounds',
    layout: 'rounds',
    series: [...series, { subject: 'docker run, python', metric: 'p50', unit: 'ms', values: perCall }],
    ratios,
    targets: [
      target(
        'docker: warm Python p50, one connection',
        median(values('docker python, 1 at once', 'p50')),
        'ms',
        'at most',
        3,
      ),
      target(
        'docker: warm Python rps, 32 connections',
        median(values('docker python, 32 at once', 'rps')),
        'per second',
        'at least',
        1500,
      ),
      target('docker: docker run / warm Python', ratio(0), 'ratio', 'at least', 150),
      target('docker: rps Node / Python, one connection', ratio(1), 'ratio', 'at least', 1),
      target('docker: rps Node / Python, 32 connections', ratio(3), 'ratio', 'at least', 1),
    ],
    failures,
    notes: [],
  }
})

function loadTurn(
  generator: LoadGenerator,
  port: number,
  { name, path, connections }: { name: string; path: string; connections: number },
  durationMs: number,
) {
  return loadOne(
    generator,
    { name, port },
    { path: `/api/${path}`, connections, leadMs: LEAD_MS },
    durationMs,
  )
}
