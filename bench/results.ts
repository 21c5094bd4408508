import type { Machine } from './machine.ts'

/** Raised when a field of a results file changes its meaning. */
export const SCHEMA = 1

export type Unit = 'per second' | 'ms' | 'µs' | 'ns' | 'ratio' | 'share' | 'MiB' | 'MB/s' | 'count'

/** Values of one thing about one subject, in the order in which they were measured (those of `micro` are sorted). */
export interface Series {
  /** What was measured: `gateway`, `workerd`, `frame encode`, … */
  readonly subject: string
  /** What about it: `rps`, `p99`, `first byte`, … */
  readonly metric: string
  readonly unit: Unit
  /** One per round or one per sample, see the case's layout. */
  readonly values: readonly number[]
}

/** One subject over another, round by round. */
export interface Ratio {
  readonly name: string
  readonly values: readonly number[]
}

/** What the project wants to reach, and whether this run did. */
export interface Target {
  readonly name: string
  readonly value: number
  readonly unit: Unit
  readonly bound: 'at least' | 'at most'
  readonly wanted: number
  readonly met: boolean
}

/** One case as it was measured. */
export interface CaseResult {
  readonly name: string
  /** One sentence: what was done, with the numbers that matter. */
  readonly about: string
  /** `rounds`: a value of a series is a figure of one round. `samples`: it is one event. */
  readonly layout: 'rounds' | 'samples'
  readonly seconds: number
  readonly series: readonly Series[]
  readonly ratios: readonly Ratio[]
  readonly targets: readonly Target[]
  /** By subject: requests that failed, answers that did not count. */
  readonly failures: Readonly<Record<string, number>>
  /** What a reader has to know to trust the figures of this run. */
  readonly notes: readonly string[]
}

/** One run: what a results file holds. */
export interface Results {
  readonly schema: typeof SCHEMA
  /** When the run began. ISO 8601 UTC. */
  readonly time: string
  /** Short hash, `-dirty` behind it where the work tree differs; `unknown` outside a repository. */
  readonly commit: string
  readonly quick: boolean
  readonly seconds: number
  readonly machine: Machine
  /** Versions of the packages that were measured. */
  readonly versions: Readonly<Record<string, string>>
  readonly cases: readonly CaseResult[]
}

/** Compares a figure with what is wanted. */
export function target(
  name: string,
  value: number,
  unit: Unit,
  bound: Target['bound'],
  wanted: number,
): Target {
  const met = bound === 'at least' ? value >= wanted : value <= wanted
  return { name, value, unit, bound, wanted, met }
}

/** The values of one series. @throws Error where the case has none of that name */
export function valuesOf(series: readonly Series[], subject: string, metric: string): readonly number[] {
  const found = series.find((entry) => entry.subject === subject && entry.metric === metric)
  if (found === undefined) throw new Error(`Cannot find the series "${metric}" of "${subject}"`)
  return found.values
}

/** The name of a results file: sorts by time. */
export function fileNameOf({ time, commit }: Pick<Results, 'time' | 'commit'>): string {
  return `${time.replaceAll(/[-:]|\.\d+/g, '')}-${commit}.json`
}

/** Reads a results file's text. @throws Error for another schema or no results at all */
export function parseResults(text: string): Results {
  const results = JSON.parse(text) as Partial<Results>
  if (results.schema !== SCHEMA)
    throw new Error(`Cannot read the results: their schema is ${results.schema}, it must be ${SCHEMA}`)
  return results as Results
}
