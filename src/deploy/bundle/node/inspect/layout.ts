import { columnWidth } from './column-width.ts'
import { type Run, uncoloured } from './options.ts'

/** The parts of an object and what stands around them. */
export interface Parts {
  /** Text of the object itself, before the braces; empty where the braces say all. */
  readonly base: string
  readonly open: string
  readonly close: string
  readonly entries: string[]
  /** The list whose elements come first among the entries; null for any other object. */
  readonly list: ArrayLike<unknown> | null
}

const SEPARATOR = 2
const MAX_COLUMNS = 15
/** Characters are so much higher than they are wide. */
const HEIGHT = 2.5

/** Puts an object's parts on one line where they fit, else each on its own, short elements of lists in columns. */
export function layOut(parts: Parts, run: Run, level: number): string {
  const { base, open, close, list } = parts
  const before = base === '' ? '' : `${base} `
  let { entries } = parts
  if (run.compact > 0) {
    const { length } = entries
    if (list !== null && length > 6) entries = columns(entries, list, run)
    const near = run.lastLevel - level < run.compact
    if (near && entries.length === length) {
      const line = entries.join(', ')
      const start = length + run.indentation + open.length + base.length + 10
      if (fits(entries, start, base, run) && !line.includes('\n')) return `${before}${open} ${line} ${close}`
    }
  }
  const edge = `\n${' '.repeat(run.indentation)}`
  return `${before}${open}${edge}  ${entries.join(`,${edge}  `)}${edge}${close}`
}

function fits(entries: readonly string[], start: number, base: string, run: Run): boolean {
  const width = entries.reduce((sum, entry) => sum + uncoloured(run, entry).length, entries.length + start)
  return width <= run.options.breakLength && !base.includes('\n')
}

function columns(entries: string[], list: ArrayLike<unknown>, run: Run): string[] {
  // The last one may tell how many more there are: it has a line of its own.
  const count = run.maxItems < entries.length ? entries.length - 1 : entries.length
  const widths = entries.slice(0, count).map((entry) => columnWidth(uncoloured(run, entry)))
  const total = widths.reduce((sum, width) => sum + width + SEPARATOR, 0)
  const widest = Math.max(...widths)
  const cell = widest + SEPARATOR
  const narrow = cell * 3 + run.indentation < run.options.breakLength
  if (!narrow || (total / cell <= 5 && widest > 6)) return entries
  const typical = Math.max(cell - 3 - Math.sqrt(cell - total / entries.length), 1)
  const perLine = Math.min(
    Math.round(Math.sqrt(HEIGHT * typical * count) / typical),
    Math.floor((run.options.breakLength - run.indentation) / cell),
    run.compact * 4,
    MAX_COLUMNS,
  )
  if (perLine <= 1) return entries
  const columnWidths = Array.from({ length: perLine }, (_, column) =>
    Math.max(...widths.filter((_width, at) => at % perLine === column)),
  )
  const numbers = entries.every((_, at) => typeof list[at] === 'number' || typeof list[at] === 'bigint')
  const lines: string[] = []
  for (let at = 0; at < count; at += perLine) {
    const row = entries.slice(at, Math.min(at + perLine, count))
    lines.push(row.map((entry, column) => padded(entry, column, row.length)).join(''))
  }
  return count < entries.length ? [...lines, entries[count]!] : lines

  function padded(entry: string, column: number, length: number): string {
    const last = column === length - 1
    const text = last ? entry : `${entry}, `
    const hidden = entry.length - columnWidth(uncoloured(run, entry))
    const width = columnWidths[column]! + hidden + (last ? 0 : SEPARATOR)
    if (numbers) return text.padStart(width)
    return last ? text : text.padEnd(width)
  }
}
