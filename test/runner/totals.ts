/** What uvu printed at its end, and the reasons printed for skips. */
export interface Totals {
  readonly total: number
  readonly passed: number
  readonly skipped: number
  /** `name: reason`, one for each skip that `test/support/skip.ts` made. */
  readonly reasons: readonly string[]
}

const ANSI = /\u001b\[[0-9;]*m/g
const CLOSING = /^\s*Total:\s+(\d+)\s*\n\s*Passed:\s+(\d+)\s*\n\s*Skipped:\s+(\d+)\s*$/gm
const SKIP = /^SKIP (.+: .+)$/gm

/** Reads uvu's closing lines, all of them: a file with a pause between two suites prints them twice. */
export function readTotals(output: string): Totals | null {
  const text = output.replace(ANSI, '').replaceAll('\r', '')
  const closings = [...text.matchAll(CLOSING)]
  if (closings.length === 0) return null
  const sum = (group: number): number => closings.reduce((total, match) => total + Number(match[group]), 0)
  return {
    total: sum(1),
    passed: sum(2),
    skipped: sum(3),
    reasons: [...text.matchAll(SKIP)].map((match) => match[1]!),
  }
}

/** Why these totals are no success; uvu itself calls a suite whose `before` threw one. */
export function problemsOf(totals: Totals | null): string[] {
  if (totals === null) return ['it printed no totals: is .run() missing, or did it end early']
  const { total, passed, skipped, reasons } = totals
  if (total + skipped === 0) return ['it has no tests']
  const problems: string[] = []
  if (passed < total) problems.push(`${total - passed} of ${total} did not pass`)
  if (skipped > reasons.length) {
    problems.push(
      `${skipped - reasons.length} skipped without a reason: skip with test/support/skip.ts, drop .only`,
    )
  }
  return problems
}
