import { type Case, chosen, type Excluded, findCases } from './cases.ts'
import {
  differences,
  type Expectations,
  expectation,
  expectationsFile,
  readExpectations,
  writeExpectations,
} from './expectations.ts'
import type { Exclusions } from './not-applicable.ts'
import { runCase, type Stage, type Subtest } from './run-case.ts'

/** What is run, and how. */
export interface Plan {
  readonly stage: Stage
  readonly folders: readonly string[]
  /** Parts of the paths of the files that are run; none: all of them. */
  readonly filters: readonly string[]
  readonly exclusions: Exclusions
  readonly expectationsDir: string
  /** Write what was seen as what is expected. */
  readonly update: boolean
  readonly lanes: number
  /** Hears of each case that has ended. */
  readonly onCase: (test: Case, results: readonly Subtest[], ms: number) => void
}

/** A folder's sums. */
export interface FolderResult {
  readonly folder: string
  readonly files: number
  readonly passed: number
  readonly total: number
  readonly ms: number
}

/** How a whole run went. */
export interface Outcome {
  readonly folders: readonly FolderResult[]
  readonly excluded: readonly Excluded[]
  /** Subtests that ran but do not apply to a function. */
  readonly leftOut: number
  /** A sentence for each thing that is not as expected; empty after an update. */
  readonly differences: readonly string[]
}

/** Runs every case of the folders, a few at a time, and compares with what is expected. */
export async function runSuite(plan: Plan): Promise<Outcome> {
  const { stage, exclusions } = plan
  const { cases, excluded } = await findCases(stage.root, plan.folders, plan.filters, exclusions)
  const results = new Map<string, Subtest[]>()
  const times = new Map<string, number>()
  let leftOut = 0
  // Long ones first, so that none of them is left over for one lane alone.
  const queue = cases.toSorted((one, other) => Number(other.long) - Number(one.long))
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const test = next
      const began = performance.now()
      const all = await runCase(stage, test)
      const ms = performance.now() - began
      const kept = all.filter(({ name }) => !exclusions.leavesOut(test.file, name))
      leftOut += all.length - kept.length
      results.set(test.name, kept)
      times.set(test.folder, (times.get(test.folder) ?? 0) + ms)
      plan.onCase(test, kept, ms)
    }
  }
  await Promise.all(Array.from({ length: plan.lanes }, lane))

  const found: string[] = []
  const folders: FolderResult[] = []
  for (const folder of plan.folders) {
    const own = cases.filter((test) => test.folder === folder)
    const given = Object.fromEntries(own.map(({ name }) => [name, expectation(results.get(name)!)]))
    found.push(...(await settle(plan, folder, given)))
    if (own.length === 0) continue
    const subtests = own.flatMap(({ name }) => results.get(name)!)
    folders.push({
      folder,
      files: new Set(own.map(({ file }) => file)).size,
      passed: subtests.filter(({ failure }) => failure === null).length,
      total: subtests.length,
      ms: times.get(folder) ?? 0,
    })
  }
  return { folders, excluded, leftOut, differences: found }
}

/** Compares a folder's results with its expectations, or makes them so. */
async function settle(plan: Plan, folder: string, given: Expectations): Promise<string[]> {
  const file = expectationsFile(plan.expectationsDir, folder)
  const all = await readExpectations(file)
  const meant = ([name]: [string, unknown]) => chosen(name, plan.filters)
  const expected = Object.fromEntries(Object.entries(all).filter(meant))
  if (plan.update) {
    const rest = Object.fromEntries(Object.entries(all).filter((entry) => !meant(entry)))
    if (Object.keys(given).length + Object.keys(all).length > 0)
      await writeExpectations(file, { ...rest, ...given })
    return []
  }
  const names = [...new Set([...Object.keys(expected), ...Object.keys(given)])].sort()
  return names.flatMap((name) => differences(name, expected[name], given[name]))
}
