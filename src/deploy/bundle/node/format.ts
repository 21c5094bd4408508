import { inspect } from './inspect/inspect.ts'
import type { InspectOptions } from './inspect/options.ts'
import { showNumber } from './inspect/primitives.ts'

const DIRECTIVE = /%[sdifjoOc%]/g

/** @see https://nodejs.org/api/util.html#utilformatformat-args */
export function format(...args: unknown[]): string {
  return formatWithOptions({}, ...args)
}

export function formatWithOptions(options: InspectOptions, ...args: unknown[]): string {
  const plain = (value: unknown) => (typeof value === 'string' ? value : inspect(value, options))
  const [first, ...rest] = args
  if (typeof first !== 'string') return args.map(plain).join(' ')
  if (args.length === 1) return first
  const text = first.replaceAll(DIRECTIVE, (directive) => {
    if (directive === '%%') return '%'
    return rest.length === 0 ? directive : directed(directive, rest.shift(), options)
  })
  return [text, ...rest.map(plain)].join(' ')
}

function directed(directive: string, value: unknown, options: InspectOptions): string {
  switch (directive) {
    case '%s':
      return asText(value, options)
    case '%d':
      return typeof value === 'bigint' ? `${value}n` : asNumber(value, Number)
    case '%i':
      return typeof value === 'bigint'
        ? `${value}n`
        : asNumber(value, (it) => Number.parseInt(it as string, 10))
    case '%f':
      return asNumber(value, (it) => Number.parseFloat(it as string))
    case '%j':
      return asJson(value)
    case '%o':
      return inspect(value, { ...options, showHidden: true, depth: 4 })
    case '%O':
      return inspect(value, options)
    default:
      return ''
  }
}

function asText(value: unknown, options: InspectOptions): string {
  if (typeof value === 'number') return showNumber(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null || hasOwnText(value)) return String(value)
  return inspect(value, { ...options, depth: 0, colors: false, compact: 3 })
}

/** Does the author's code say what the object is as text? */
function hasOwnText(value: object): boolean {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const own: unknown = Object.getOwnPropertyDescriptor(at, 'toString')?.value
    if (typeof own === 'function') return !/\[native code\]/.test(Function.prototype.toString.call(own))
  }
  return false
}

function asNumber(value: unknown, convert: (value: unknown) => number): string {
  return typeof value === 'symbol' ? 'NaN' : showNumber(convert(value))
}

function asJson(value: unknown): string {
  try {
    return String(JSON.stringify(value))
  } catch (error) {
    if (error instanceof TypeError && /circular/i.test(error.message)) return '[Circular]'
    throw error
  }
}
