import { inspect } from './inspect.ts'

const DIRECTIVE = /%[sdifjoOc%]/g

/** What `console.log(...args)` prints: a first string's directives, then the rest separated by spaces. */
export function format(args: readonly unknown[]): string {
  const [first] = args
  // The usual line, kept short: one string, or strings without directives.
  if (typeof first !== 'string') return args.map(plain).join(' ')
  if (args.length === 1) return first
  let next = 1
  const text = first.includes('%')
    ? first.replace(DIRECTIVE, (directive) => {
        if (directive === '%%') return '%'
        if (next >= args.length) return directive
        return directed(directive, args[next++])
      })
    : first
  let line = text
  for (; next < args.length; next++) line += ` ${plain(args[next])}`
  return line
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value)
}

function directed(directive: string, value: unknown): string {
  switch (directive) {
    case '%s':
      return asString(value)
    case '%d':
      return asNumber(value, Number)
    case '%i':
      return asNumber(value, (number) => Number.parseInt(String(number), 10))
    case '%f':
      return asNumber(value, (number) => Number.parseFloat(String(number)))
    case '%j':
      return asJson(value)
    case '%o':
      return inspect(value, { depth: 4 })
    case '%O':
      return inspect(value, { depth: 4 })
    default:
      // %c styles the text in browsers; here it only uses its argument up.
      return ''
  }
}

function asString(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && !(value instanceof Error))
    return inspect(value, { depth: 0 })
  return inspect(value)
}

function asNumber(value: unknown, convert: (value: unknown) => number): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol' || (typeof value === 'object' && value !== null)) return 'NaN'
  return String(convert(value))
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined'
  } catch (error) {
    return error instanceof TypeError && /circular/i.test(error.message) ? '[Circular]' : '[not serialisable]'
  }
}
