import { dockerCase } from '../../docker/docker-case.ts'
import { COUNT_CODE, DOCKER_LANGUAGES, ECHO_CODE, streamCode } from '../../docker/functions.ts'
import { startDockerGateway } from '../../docker/gateway.ts'
import { transfer } from '../../docker/transfer.ts'
import { jsonText } from '../../functions.ts'
import { startLoadGenerator } from '../../load/generator.ts'
import type { Series } from '../../results.ts'
import { checkAnswer, type Load, loadOne, Recorder } from '../../turns.ts'

const SIZES = [
  { name: '1 kB', bytes: 1024 },
  { name: '256 kB', bytes: 262_144 },
] as const
const CONNECTIONS = 8
const LEAD_MS = 200
const FULL = { rounds: 3, roundMs: 800, streamBytes: 67_108_864 }
const QUICK = { rounds: 1, roundMs: 500, streamBytes: 16_777_216 }
const PIECE = 65_536
const BYTES_PER_MB = 1e6
const MS_PER_S = 1000

/** Bodies there and back, whole and as streams. */
export const dockerPayload = dockerCase('docker-payload', async (options) => {
  await using generator = startLoadGenerator()
  await using docker = await startDockerGateway()
  const { gateway } = docker
  const size = options.quick ? QUICK : FULL
  const rounds = options.rounds ?? size.rounds
  options.progress('deploying')
  for (const type of DOCKER_LANGUAGES)
    for (const [kind, code] of [
      ['echo', ECHO_CODE[type]],
      ['count', COUNT_CODE[type]],
      ['stream', streamCode(type, size.streamBytes, PIECE)],
    ] as const)
      await gateway.deploy(await gateway.register({ path: `${kind}-${type}`, type, code }), 'docker')

  const turns = DOCKER_LANGUAGES.flatMap((language) =>
    SIZES.map(({ name, bytes }) => ({
      label: `${language}, ${name}`,
      load: echoOf(`/api/echo-${language}`, bytes),
    })),
  )
  const { port } = gateway
  for (const { label, load } of turns) await checkAnswer({ name: label, port }, load, load.body!)
  const recorder = new Recorder()
  const streams: (Series & { readonly values: number[] })[] = DOCKER_LANGUAGES.flatMap((language) => [
    { subject: `${language}, streams`, metric: 'out', unit: 'MB/s', values: [] },
    { subject: `${language}, streams`, metric: 'in', unit: 'MB/s', values: [] },
  ])
  const note = (subject: string, metric: string, ms: number) =>
    streams
      .find((entry) => entry.subject === subject && entry.metric === metric)!
      .values.push(size.streamBytes / BYTES_PER_MB / (ms / MS_PER_S))
  for (let round = 0; round < rounds; round++) {
    options.progress(`round ${round + 1} of ${rounds}`)
    for (const { label, load } of round % 2 === 0 ? turns : turns.toReversed())
      recorder.add(label, await loadOne(generator, { name: label, port }, load, size.roundMs), null)
    for (const language of DOCKER_LANGUAGES) {
      const out = await transfer(port, `/api/stream-${language}`, 0)
      if (out.received !== size.streamBytes)
        throw new Error(`Cannot measure streams: ${out.received} bytes came of ${size.streamBytes}`)
      note(`${language}, streams`, 'out', out.ms)
      const into = await transfer(port, `/api/count-${language}`, size.streamBytes)
      if (into.text !== String(size.streamBytes))
        throw new Error(
          `Cannot measure streams: ${size.streamBytes} bytes were sent, the function counted ${into.text}`,
        )
      note(`${language}, streams`, 'in', into.ms)
    }
  }
  return {
    about:
      `JSON of 1 kB and of 256 kB sent, read, written and answered, closed loop, ${CONNECTIONS} connections, ` +
      `${rounds} rounds in turns of ${size.roundMs / 1000} s each; and ${size.streamBytes / 1_048_576} MiB as one streamed ` +
      'answer and as one streamed body; medians over the rounds',
    layout: 'rounds',
    series: [...recorder.series, ...streams],
    ratios: [],
    targets: [],
    failures: recorder.failures,
    notes: [],
  }
})

function echoOf(path: string, bytes: number): Load {
  const headers = { 'content-type': 'application/json' }
  return { path, method: 'POST', headers, body: jsonText(bytes), connections: CONNECTIONS, leadMs: LEAD_MS }
}
