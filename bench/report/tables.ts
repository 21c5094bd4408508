import type { CaseResult, Results, Series, Target } from '../results.ts'
import { median, summarize } from '../stats.ts'
import { figure, type Table, wantedText } from './format.ts'

/** What the project wants beside what this run came to. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    columns: ['', 'measured', 'wanted', 'reached'],
    rows: targets.map((target) => [
      target.name,
      figure(target.value, target.unit),
      wantedText(target),
      target.met ? 'yes' : 'no',
    ]),
  }
}

/** The figures of a case: a row per subject where there were rounds, else a row per series. */
export function caseTable(result: CaseResult): Table {
  return result.layout === 'rounds' ? roundsTable(result) : samplesTable(result)
}

/** Ratios with their spread. Null where the case has none. */
export function ratioTable({ ratios }: CaseResult): Table | null {
  if (ratios.length === 0) return null
  return {
    columns: ['round by round', 'median', 'least', 'greatest'],
    rows: ratios.map(({ name, values }) => [
      name,
      ...[median(values), Math.min(...values), Math.max(...values)].map((value) => figure(value, 'ratio')),
    ]),
  }
}

/** What was measured, on what, when. */
export function runLines({ time, commit, quick, machine, versions }: Results): string[] {
  const { cpu, cores, memoryGb, kernel, arch, node, load } = machine
  const packages = ['workerd', 'hono', '@hono/node-server', 'isolated-vm'].map(
    (name) => `${name} ${versions[name]}`,
  )
  return [
    `${time.slice(0, 10)}, commit ${commit}${quick ? ', a quick run' : ''}; ${cores} cores of ${cpu}, ${memoryGb} GB, ${kernel} ${arch}; ` +
      `Node ${node.slice(1)}, ${packages.join(', ')}; load average before the run ${load[0]}`,
  ]
}

function roundsTable({ series, failures }: CaseResult): Table {
  const subjects = [...new Set(series.map(({ subject }) => subject))]
  const metrics = [...new Set(series.map(({ metric }) => metric))]
  const cell = (subject: string, metric: string) => {
    const found = series.find((entry) => entry.subject === subject && entry.metric === metric)
    return found === undefined ? '' : figure(median(found.values), found.unit)
  }
  return {
    columns: ['', ...metrics, 'failures'],
    rows: subjects.map((subject) => [
      subject,
      ...metrics.map((metric) => cell(subject, metric)),
      String(failures[subject] ?? 0),
    ]),
  }
}

function samplesTable({ series, failures }: CaseResult): Table {
  const withFailures = Object.keys(failures).length > 0
  const row = ({ subject, metric, unit, values }: Series) => {
    const { n, p50, p95, p99, max } = summarize(values)
    const figures = [p50, p95, p99, max].map((value) => figure(value, unit))
    const failed = withFailures ? [String(failures[subject] ?? '')] : []
    return [`${subject}: ${metric}`, ...figures, String(n), ...failed]
  }
  return {
    columns: ['', 'p50', 'p95', 'p99', 'max', 'samples', ...(withFailures ? ['failures'] : [])],
    rows: series.map(row),
  }
}
