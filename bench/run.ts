// Measures the gateway and its peers: node bench/run.ts [--quick] [--only NAME]... [--rounds N]
import { mkdir, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { burst } from './cases/burst.ts'
import type { Case, RunOptions } from './cases/case.ts'
import { cold } from './cases/cold.ts'
import { density } from './cases/density.ts'
import { deploy } from './cases/deploy.ts'
import { dockerBurst } from './cases/docker/burst.ts'
import { dockerCold } from './cases/docker/cold.ts'
import { dockerCpu } from './cases/docker/cpu.ts'
import { dockerDeploy } from './cases/docker/deploy.ts'
import { dockerIdle } from './cases/docker/idle.ts'
import { dockerPayload } from './cases/docker/payload.ts'
import { dockerWarm } from './cases/docker/warm.ts'
import { json } from './cases/json.ts'
import { micro } from './cases/micro.ts'
import { noisy } from './cases/noisy.ts'
import { scale } from './cases/scale.ts'
import { startup } from './cases/startup.ts'
import { throughput } from './cases/throughput.ts'
import { commitName, machineFacts, packageVersions } from './machine.ts'
import { type Options, readOptions, usage } from './options.ts'
import { caseText, targetText } from './report/pages.ts'
import { type CaseResult, fileNameOf, type Results, SCHEMA } from './results.ts'

const DOCKER: readonly Case[] = [
  dockerDeploy,
  dockerCold,
  dockerWarm,
  dockerBurst,
  dockerIdle,
  dockerCpu,
  dockerPayload,
]
const CASES: readonly Case[] = [
  throughput,
  json,
  noisy,
  cold,
  burst,
  density,
  scale,
  deploy,
  startup,
  micro,
  ...DOCKER,
]
const NAMES = CASES.map(({ name }) => name)
const FOLDER = fileURLToPath(new URL('./results/', import.meta.url))

// Leaving by exit runs the handlers that end what was started.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const options = optionsOrNull()
if (options === null) process.exitCode = 64
else await main(options)

/** A command line that cannot be read is answered with how to write it. */
function optionsOrNull(): Options | null {
  try {
    return readOptions(process.argv.slice(2), NAMES)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage(NAMES)}`)
    return null
  }
}

async function main(options: Options): Promise<void> {
  const began = performance.now()
  const facts = { time: new Date().toISOString(), commit: await commitName(), machine: machineFacts() }
  const cases: CaseResult[] = []
  for (const entry of CASES) {
    if (options.only.length > 0 && !options.only.includes(entry.name)) continue
    const result = await runCase(entry, { ...options, progress: (message) => progress(entry.name, message) })
    process.stdout.write(`\n${caseText(result)}\n`)
    cases.push(result)
  }
  const results: Results = {
    schema: SCHEMA,
    ...facts,
    quick: options.quick,
    seconds: secondsSince(began),
    versions: await packageVersions(),
    cases,
  }
  await mkdir(FOLDER, { recursive: true })
  const name = fileNameOf(results)
  await writeFile(`${FOLDER}${name}`, `${JSON.stringify(results)}\n`)
  process.stdout.write(`${targetText(results)}\nbench/results/${name}\n`)
}

async function runCase(entry: Case, options: RunOptions): Promise<CaseResult> {
  const began = performance.now()
  const measured = await entry.run(options)
  return { name: entry.name, seconds: secondsSince(began), ...measured }
}

function progress(name: string, message: string): void {
  process.stderr.write(`${name}: ${message}\n`)
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10
}
