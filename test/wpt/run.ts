// Runs the web platform tests inside deployed functions:
// node test/wpt/run.ts --wpt DIR [--filter PART]… [--update] [--verbose]
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServer } from '../support/server.ts'
import { required } from '../support/skip.ts'
import type { Case } from './cases.ts'
import { FOLDERS } from './folders.ts'
import { readExclusions } from './not-applicable.ts'
import { excludedList, folderTable } from './report.ts'
import type { Subtest } from './run-case.ts'
import { runSuite } from './suite.ts'
import { startWptServer } from './wpt-server.ts'

const LANES = 3
const here = fileURLToPath(new URL('.', import.meta.url))

const { values: options } = parseArgs({
  options: {
    wpt: { type: 'string' },
    filter: { type: 'string', multiple: true, default: [] },
    update: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

process.exitCode = await main()

/** @returns the exit code */
async function main(): Promise<number> {
  const root = options.wpt === undefined ? null : path.resolve(options.wpt)
  if (root === null || !existsSync(path.join(root, 'resources/testharness.js'))) {
    const missing = root === null ? 'no folder is given' : `${root} has no resources/testharness.js`
    console.log(`SKIP web platform tests: ${missing}; give a copy of web-platform-tests/wpt with --wpt DIR`)
    return required('wpt') ? 1 : 0
  }
  const began = performance.now()
  await using wpt = await startWptServer(root)
  if (wpt === null) console.log(`${root} has no server: tests that need one will fail`)
  await using gateway = await startServer({
    FAAS_EGRESS: 'all',
    FAAS_LOG_LEVEL: options.verbose ? 'info' : 'warn',
    FAAS_ISOLATE_HOSTS: '2',
  })
  const outcome = await runSuite({
    stage: { root, gateway, wpt },
    folders: FOLDERS,
    filters: options.filter,
    exclusions: await readExclusions(path.join(here, 'not-applicable.json')),
    expectationsDir: path.join(here, 'expectations'),
    update: options.update,
    lanes: LANES,
    onCase: tell,
  })
  if (options.update) format()
  if (options.verbose) console.log(gateway.output())
  console.log(excludedList(outcome.excluded, options.verbose))
  console.log(folderTable(outcome))
  console.log(`${Math.round((performance.now() - began) / 1000)} s`)
  if (outcome.folders.length === 0) {
    console.log(`no test ran: no file below ${root} has ${options.filter.join(' or ')} in its path`)
    return 1
  }
  if (outcome.differences.length === 0) return 0
  console.log(`\nnot as expected (--update makes it so):\n${outcome.differences.join('\n')}`)
  return 1
}

/** Lays the expectations out as the rest of the project is. */
function format(): void {
  const biome = path.join(here, '../../node_modules/.bin/biome')
  const { status, stderr } = spawnSync(biome, ['format', '--write', path.join(here, 'expectations')])
  if (status !== 0) console.log(`the expectations could not be laid out: ${stderr}`)
}

/** With --verbose each failure is printed with its message. */
function tell(test: Case, results: readonly Subtest[], ms: number): void {
  if (!options.verbose) return
  const failed = results.filter(({ failure }) => failure !== null)
  console.log(`${results.length - failed.length}/${results.length} ${test.name} ${Math.round(ms)} ms`)
  for (const { name, failure } of failed)
    console.log(`    ${oneLine(name)} | ${oneLine(failure!).slice(0, 300)}`)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
