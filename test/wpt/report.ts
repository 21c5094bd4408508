import type { Excluded } from './cases.ts'
import type { Outcome } from './suite.ts'

/** Passed of total, per folder and overall. */
export function folderTable({ folders, leftOut }: Outcome): string {
  const passed = folders.reduce((sum, folder) => sum + folder.passed, 0)
  const total = folders.reduce((sum, folder) => sum + folder.total, 0)
  const files = folders.reduce((sum, folder) => sum + folder.files, 0)
  const width = Math.max(...folders.map(({ folder }) => folder.length), 7)
  const line = (name: string, ok: number, all: number, count: number, rest: string) =>
    `${name.padEnd(width)}  ${share(ok, all).padStart(7)}  ${`${ok} of ${all}`.padStart(16)}  ${String(count).padStart(3)} files${rest}`
  const lines = folders.map((one) =>
    line(one.folder, one.passed, one.total, one.files, `  ${(one.ms / 1000).toFixed(1).padStart(5)} s`),
  )
  const note = leftOut === 0 ? '' : `, without ${leftOut} subtests that do not apply`
  return [...lines, line('overall', passed, total, files, note)].join('\n')
}

/** How many files do not apply for each reason; with `all` also which. */
export function excludedList(excluded: readonly Excluded[], all: boolean): string {
  const byReason = Map.groupBy(excluded, ({ reason }) => reason)
  const lines = [...byReason].flatMap(([reason, files]) => [
    `not applicable: ${files.length} files: ${reason}`,
    ...(all ? files.map(({ file }) => `    ${file}`) : []),
  ])
  return lines.join('\n')
}

/** Rounded down: 100 % is all of them. */
function share(passed: number, total: number): string {
  return total === 0 ? '-' : `${(Math.floor((1000 * passed) / total) / 10).toFixed(1)} %`
}
