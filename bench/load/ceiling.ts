// How much load the generator can make: node bench/load/ceiling.ts. It goes in turns with wrk where that is on the PATH.
import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startProgram } from '../processes.ts'
import { drawText } from '../report/format.ts'
import { median } from '../stats.ts'
import { startLoadGenerator } from './generator.ts'

const ROUNDS = 3
const SECONDS = 3
const CONNECTIONS = 32
const HOST = '127.0.0.1'
const run = promisify(execFile)

await using server = await startProgram({
  name: 'the trivial server',
  command: process.execPath,
  args: [fileURLToPath(new URL('./trivial-server.ts', import.meta.url))],
  ready: /listening on (\d+)\n/,
  readyWithin: 20_000,
})
await using generator = startLoadGenerator()
const port = Number(server.match[1])
const plan = {
  host: HOST,
  port,
  path: '/',
  connections: CONNECTIONS,
  durationMs: SECONDS * 1000,
  leadMs: 300,
}
await generator.run(plan)

const own: { rps: number; share: number; p99: number }[] = []
const peer: { rps: number; p99: number }[] = []
for (let round = 0; round < ROUNDS; round++) {
  const report = await generator.run(plan)
  own.push({ rps: report.rps, share: report.generatorLoad, p99: report.latency.p99 })
  const found = await wrk(port)
  if (found !== null) peer.push(found)
}
const share = median(own.map((round) => round.share))
const rps = median(own.map((round) => round.rps))
const row = (name: string, rate: number, p99: number, core: string) => [
  name,
  Math.round(rate).toLocaleString('en-US'),
  `${p99.toFixed(2)} ms`,
  core,
]
const rows = [
  row('this generator', rps, median(own.map((round) => round.p99)), `${Math.round(share * 100)} %`),
]
if (peer.length > 0)
  rows.push(
    row('wrk -t1', median(peer.map((round) => round.rps)), median(peer.map((round) => round.p99)), ''),
  )
process.stdout.write(`${drawText({ columns: ['', 'requests per second', 'p99', 'of a core'], rows })}
With a core to itself the generator would reach about ${Math.round(rps / share).toLocaleString('en-US')} requests per second
`)

/** One round of wrk; null where it is not installed. */
async function wrk(at: number): Promise<{ rps: number; p99: number } | null> {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency', `http://${HOST}:${at}/`]
  const output = await run('wrk', args).then(
    ({ stdout }) => stdout,
    () => null,
  )
  const found =
    output === null ? null : /99%\s+([\d.]+)(us|ms|s)[\s\S]*Requests\/sec:\s+([\d.]+)/.exec(output)
  if (found === null) return null
  const scale = { us: 0.001, ms: 1, s: 1000 }[found[2] as 'us' | 'ms' | 's']
  return { p99: Number(found[1]) * scale, rps: Number(found[3]) }
}
