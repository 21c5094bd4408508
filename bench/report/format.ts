import type { Target, Unit } from '../results.ts'

/** A table before it is drawn: the first column is text, the others are figures. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A figure as people read it: three significant digits, none behind the point from 100 on. */
export function figure(value: number, unit: Unit): string {
  if (unit === 'count') return Math.round(value).toLocaleString('en-US')
  if (unit === 'share') return `${Math.round(value * 100)} %`
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  const text = value.toFixed(digits)
  if (unit === 'per second') return Math.round(value).toLocaleString('en-US')
  return unit === 'ratio' ? `${value.toFixed(2)}×` : `${text} ${unit}`
}

/** What is wanted, as `≥ 1.50×`. */
export function wantedText({ bound, wanted, unit }: Target): string {
  const text = unit === 'ratio' || unit === 'count' ? figure(wanted, unit) : `${wanted} ${unit}`
  return `${bound === 'at least' ? '≥' : '≤'} ${text}`
}

/** For a terminal: columns of one width, figures to the right. */
export function drawText(table: Table): string {
  const [columns, ...rows] = padded(table, 0)
  const line = (cells: readonly string[]) => cells.join('  ').trimEnd()
  const rule = columns!.map((column) => '─'.repeat(column.length))
  return [columns!, rule, ...rows].map(line).join('\n')
}

/** For a page: a Markdown table, laid out as the project's formatter wants it. */
export function drawMarkdown({ columns, rows }: Table): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const [head, ...body] = padded({ columns, rows: escaped }, 3)
  const rule = head!.map(({ length }, index) =>
    index === 0 ? '-'.repeat(length) : `${'-'.repeat(length - 1)}:`,
  )
  return [head!, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The head and the rows with their cells as wide as their column: text to the left, figures to the right. */
function padded({ columns, rows }: Table, least: number): string[][] {
  const widths = columns.map((column, index) =>
    Math.max(least, column.length, ...rows.map((row) => (row[index] ?? '').length)),
  )
  return [columns, ...rows].map((row) =>
    widths.map((width, index) => {
      const cell = row[index] ?? ''
      return index === 0 ? cell.padEnd(width) : cell.padStart(width)
    }),
  )
}
