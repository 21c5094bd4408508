import { mkdir, readFile, writeFile } from 'node:fs/promises'
import * as path from 'node:path'
import type { Subtest } from './run-case.ts'

/** What a file's run gives: the number of its subtests where all pass, else that and the names of those that fail. */
export type Expected = number | { readonly tests: number; readonly failing: readonly string[] }

/** What each case of a folder gives, by its name. */
export type Expectations = Readonly<Record<string, Expected>>

/** The file that holds a folder's expectations. */
export function expectationsFile(dir: string, folder: string): string {
  return path.join(dir, `${folder.replaceAll('/', '-')}.json`)
}

/** Reads a folder's expectations; without the file nothing is expected. */
export async function readExpectations(file: string): Promise<Expectations> {
  const text = await readFile(file, 'utf8').catch(() => '{}')
  return JSON.parse(text) as Expectations
}

/** Writes a folder's expectations, in an order that keeps differences small. */
export async function writeExpectations(file: string, expectations: Expectations): Promise<void> {
  const sorted = Object.fromEntries(
    Object.entries(expectations).sort(([one], [other]) => (one < other ? -1 : 1)),
  )
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(sorted, null, 2)}\n`)
}

/** What a run gave, in the form in which it is expected. */
export function expectation(results: readonly Subtest[]): Expected {
  const failing = results.filter(({ failure }) => failure !== null).map(({ name }) => name)
  return failing.length === 0 ? results.length : { tests: results.length, failing: failing.sort() }
}

/**
 * How a case differs from what is expected of it, a sentence each. What got better counts as well: else it could get
 * worse again unseen.
 * @param expected undefined where the case is new @param given undefined where it is gone
 */
export function differences(name: string, expected?: Expected, given?: Expected): string[] {
  if (given === undefined) return [`${name}: the file is gone`]
  if (expected === undefined) return [`${name}: the file is new`]
  const before = whole(expected)
  const now = whole(given)
  const found = [
    ...now.failing.filter((test) => !before.failing.includes(test)).map((test) => `fails: ${test}`),
    ...before.failing.filter((test) => !now.failing.includes(test)).map((test) => `fails no longer: ${test}`),
  ]
  if (now.tests !== before.tests) found.push(`has ${now.tests} subtests, not ${before.tests}`)
  return found.map((difference) => `${name}: ${difference}`)
}

function whole(expected: Expected): Exclude<Expected, number> {
  return typeof expected === 'number' ? { tests: expected, failing: [] } : expected
}
