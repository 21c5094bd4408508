import { inspect } from './inspect.ts'

const MAX_ROWS = 200

/** What `console.table` prints; anything that is no table is shown as it is. */
export function table(data: unknown, columns?: unknown): string {
  if (typeof data !== 'object' || data === null) return inspect(data)
  try {
    return tabulate(data, columns)
  } catch {
    // A getter or a trap of the author's threw: what can be shown without it is.
    return inspect(data)
  }
}

function tabulate(data: object, columns: unknown): string {
  const heads = ['(index)']
  const wanted = Array.isArray(columns) ? columns.map(String) : null
  const rows: Map<string, string>[] = []
  const isMap = data instanceof Map
  const source = isMap || data instanceof Set ? [...data.entries()] : entriesOf(data)
  for (const [index, [key, value]] of source.slice(0, MAX_ROWS).entries()) {
    const row = new Map([['(index)', isMap || data instanceof Set ? String(index) : String(key)]])
    const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [['Values', value]]
    for (const [name, field] of fields as [string, unknown][]) {
      if (wanted !== null && !wanted.includes(name)) continue
      row.set(name, inspect(field, { depth: 0 }))
      if (!heads.includes(name)) heads.push(name)
    }
    rows.push(row)
  }
  return draw([heads, ...rows.map((row) => heads.map((head) => row.get(head) ?? ''))])
}

/** Of an array the first rows alone: naming all of a large one would take long. */
function entriesOf(data: object): [string, unknown][] {
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return Object.entries(data)
  return Object.entries(Array.prototype.slice.call(data, 0, MAX_ROWS))
}

function draw(cells: string[][]): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)) + 2)
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right
  const line = (row: string[]) =>
    `│${row.map((cell, column) => ` ${cell}`.padEnd(widths[column]!)).join('│')}│`
  const [head, ...rows] = cells
  return [rule('┌', '┬', '┐'), line(head!), rule('├', '┼', '┤'), ...rows.map(line), rule('└', '┴', '┘')].join(
    '\n',
  )
}
