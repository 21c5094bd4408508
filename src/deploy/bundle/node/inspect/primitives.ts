import type { Run } from './options.ts'

/** A text shorter than this is never broken into lines. */
const MIN_BROKEN = 16

/** A value that is no object. */
export function showPrimitive(value: unknown, run: Run): string {
  const { stylize } = run
  switch (typeof value) {
    case 'string':
      return showString(value, run)
    case 'number':
      return stylize(showNumber(value, run.options.numericSeparator), 'number')
    case 'bigint':
      return stylize(`${separated(String(value), run.options.numericSeparator)}n`, 'bigint')
    case 'symbol':
      return stylize(Symbol.prototype.toString.call(value), 'symbol')
    default:
      return stylize(String(value), value === null ? 'null' : typeof value)
  }
}

export function showNumber(value: number, withSeparators = false): string {
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  if (!withSeparators || !/^-?\d+(\.\d+)?$/.test(text)) return text
  const [whole, fraction] = text.split('.')
  const behind = fraction?.replaceAll(/(\d{3})(?=\d)/g, '$1_')
  return separated(whole!, true) + (behind === undefined ? '' : `.${behind}`)
}

function separated(digits: string, wanted: boolean): string {
  return wanted ? digits.replaceAll(/\B(?=(\d{3})+$)/g, '_') : digits
}

function showString(value: string, run: Run): string {
  const { stylize, maxCharacters, indentation, compact, options } = run
  const more = value.length - maxCharacters
  const text = more > 0 ? value.slice(0, maxCharacters) : value
  const rest = more > 0 ? `... ${more} more character${more > 1 ? 's' : ''}` : ''
  const long = text.length > MIN_BROKEN && text.length > options.breakLength - indentation - 4
  if (!long || compact === Number.POSITIVE_INFINITY) return stylize(quote(text), 'string') + rest
  const lines = text.split(/(?<=\n)/).map((line) => stylize(quote(line), 'string'))
  return lines.join(` +\n${' '.repeat(indentation + 2)}`) + rest
}

const NAMED: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
}

/** A text in the quotes that need the fewest escapes. */
export function quote(text: string): string {
  const mark = !text.includes("'")
    ? "'"
    : !text.includes('"')
      ? '"'
      : text.includes('`') || text.includes('${')
        ? "'"
        : '`'
  const body = text.replaceAll(/[\0-\x1f\\\x7f-\x9f]|\p{Surrogate}/gu, escaped)
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark
}

function escaped(letter: string): string {
  const code = letter.charCodeAt(0)
  const hex = code.toString(16)
  return NAMED[letter] ?? (code < 0x100 ? `\\x${hex.toUpperCase().padStart(2, '0')}` : `\\u${hex}`)
}
