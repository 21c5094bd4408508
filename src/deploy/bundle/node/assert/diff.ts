/** More lines than this are not matched with each other: the table would outgrow them. */
const MAX_LINES = 1000

/** The lines of two texts below each other: `+` only in the first, `-` only in the second. */
export function lineDiff(actual: string, expected: string): string {
  const left = actual.split('\n')
  const right = expected.split('\n')
  if (left.length > MAX_LINES || right.length > MAX_LINES)
    return [...left.map((line) => `+ ${line}`), ...right.map((line) => `- ${line}`)].join('\n')
  const lengths = commonLengths(left, right)
  const lines: string[] = []
  let at = 0
  let other = 0
  while (at < left.length || other < right.length) {
    const same = at < left.length && other < right.length && plain(left[at]!) === plain(right[other]!)
    if (same) {
      lines.push(`  ${left[at]}`)
      at++
      other++
    } else if (
      other >= right.length ||
      (at < left.length && lengths[at + 1]![other]! >= lengths[at]![other + 1]!)
    ) {
      lines.push(`+ ${left[at++]}`)
    } else {
      lines.push(`- ${right[other++]}`)
    }
  }
  return lines.join('\n')
}

/** For each pair of ends, how many lines they have in common, in order. */
function commonLengths(left: readonly string[], right: readonly string[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let at = left.length - 1; at >= 0; at--) {
    for (let other = right.length - 1; other >= 0; other--) {
      table[at]![other] =
        plain(left[at]!) === plain(right[other]!)
          ? table[at + 1]![other + 1]! + 1
          : Math.max(table[at + 1]![other]!, table[at]![other + 1]!)
    }
  }
  return table
}

/** A comma tells only whether something follows. */
function plain(line: string): string {
  return line.endsWith(',') ? line.slice(0, -1) : line
}
