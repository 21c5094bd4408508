import type { FileResult } from './run-file.ts'

const SLOWEST = 5

/** One line for a file that has ended, its skips below it, and for a failure everything it printed. */
export function fileReport(result: FileResult): string {
  const { file, passed, problems, skipped, output } = result
  const lines = [
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${file}  ${passed} passed  ${seconds(result.ms)}`,
    ...skipped.map((reason) => `     skipped ${reason}`),
    ...problems.map((problem) => `     ${problem}`),
  ]
  if (problems.length > 0) lines.push(`---- output of ${file}`, output.trimEnd(), `---- end of ${file}`)
  return lines.join('\n')
}

/** The closing lines; the very last one is what other programs read. */
export function summary(results: readonly FileResult[], ms: number): string {
  const slowest = results.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST)
  const failed = results.filter((result) => result.failed > 0)
  return [
    '',
    `slowest: ${slowest.map((result) => `${result.file} ${seconds(result.ms)}`).join(', ')}`,
    ...failed.map((result) => `failed: ${result.file}: ${result.problems.join('; ')}`),
    `${results.length} files in ${seconds(ms)}`,
    totalLine(results),
  ].join('\n')
}

/** `N passed, N failed, N skipped`. */
export function totalLine(results: readonly FileResult[]): string {
  const sum = (count: (result: FileResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0)
  const skipped = sum((result) => result.skipped.length)
  return `${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed, ${skipped} skipped`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
