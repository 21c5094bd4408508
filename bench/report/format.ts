import type { Target, Unit } from '../results.ts'

/** A table before it is drawn: the first column is text, the others are figures. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A figure as people read it: three significant digits, none behind the point from 100 on. */
export function figure(value: number, unit: Unit): string {
  if (unit === 'share') return `${Math.round(value * 100)} %`
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  const text = value.toFixed(digits)
  if (unit === 'per second') return Math.round(value).toLocaleString('en-US')
  return unit === 'ratio' ? `${value.toFixed(2)}×` : `${text} ${unit}`
}

/** What is wanted, as `≥ 1.50×`. */
export function wantedText({ bound, wanted, unit }: Target): string {
  return `${bound === 'at least' ? '≥' : '≤'} ${unit === 'ratio' ? figure(wanted, unit) : `${wanted} ${unit}`}`
}

/** For a terminal: columns of one width, figures to the right. */
export function drawText({ columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => (row[index] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)))
      .join('  ')
      .trimEnd()
  return [line(columns), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** For a page: a Markdown table. */
export function drawMarkdown({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), `|---|${'---:|'.repeat(columns.length - 1)}`, ...rows.map(line)].join('\n')
}
