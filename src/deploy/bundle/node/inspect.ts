import { isDate, isMap, isRegExp, isSet, isTypedArray } from './util-types.ts'

/** What `util.inspect` takes here; the other options of Node have no effect. */
export interface InspectOptions {
  depth?: number | null
  breakLength?: number
  compact?: unknown
}

const custom = Symbol.for('nodejs.util.inspect.custom')
const MAX_ITEMS = 100
const DEFAULT_WIDTH = 72

/** A value as people read it, in the manner of Node: cycles, depth and long lists are cut short. */
export const inspect = Object.assign(
  (value: unknown, options: InspectOptions = {}): string => {
    const depth = options.depth === undefined ? 2 : (options.depth ?? Number.POSITIVE_INFINITY)
    return show(value, { depth, width: options.breakLength ?? DEFAULT_WIDTH, seen: [] })
  },
  { custom, defaultOptions: { depth: 2 } },
)

interface Context {
  readonly depth: number
  readonly width: number
  readonly seen: readonly object[]
}

function show(value: unknown, context: Context): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return functionName(value)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (context.seen.includes(value)) return '[Circular *1]'
  const inner = { ...context, depth: context.depth - 1, seen: [...context.seen, value] }
  const own = (value as Record<PropertyKey, unknown>)[custom]
  if (typeof own === 'function') {
    const made = own.call(value, context.depth, { depth: context.depth }, inspect)
    return typeof made === 'string' ? made : show(made, inner)
  }
  if (isDate(value))
    return Number.isNaN((value as Date).getTime()) ? 'Invalid Date' : (value as Date).toISOString()
  if (isRegExp(value)) return String(value)
  if (value instanceof Error) return errorText(value, inner)
  if (context.depth < 0) return Array.isArray(value) ? '[Array]' : `[${className(value) || 'Object'}]`
  return container(value, inner)
}

function container(value: object, inner: Context): string {
  if (Array.isArray(value)) return join(list(value, inner), '[', ']', inner)
  const name = className(value)
  const prefix = name === 'Object' ? '' : `${name || '[Object: null prototype]'} `
  if (isTypedArray(value)) {
    const array = value as Uint8Array
    return join(
      list(Array.from(array.subarray(0, MAX_ITEMS + 1)), inner),
      `${name}(${array.length}) [`,
      ']',
      inner,
    )
  }
  if (isMap(value)) {
    const map = value as Map<unknown, unknown>
    const entries = [...map].map(([key, item]) => `${show(key, inner)} => ${show(item, inner)}`)
    return join(entries, `${name}(${map.size}) {`, '}', inner)
  }
  if (isSet(value)) {
    const set = value as Set<unknown>
    return join(
      [...set].map((item) => show(item, inner)),
      `${name}(${set.size}) {`,
      '}',
      inner,
    )
  }
  return join(properties(value, inner), `${prefix}{`, '}', inner)
}

function list(items: readonly unknown[], inner: Context): string[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => show(item, inner))
  const more = items.length - shown.length
  return more > 0 ? [...shown, `... ${more} more item${more > 1 ? 's' : ''}`] : shown
}

function properties(value: object, inner: Context): string[] {
  return Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map((key) => {
      const { get, set, value: item } = Object.getOwnPropertyDescriptor(value, key)!
      const label = typeof key === 'symbol' ? `[${String(key)}]` : /^[\w$]+$/.test(key) ? key : quote(key)
      if (get) return `${label}: ${set ? '[Getter/Setter]' : '[Getter]'}`
      return `${label}: ${set ? '[Setter]' : show(item, inner)}`
    })
}

function errorText(error: Error, inner: Context): string {
  const stack = error.stack || `[${error}]`
  const more = properties(error, inner)
  if (error.cause !== undefined) more.push(`[cause]: ${show(error.cause, inner)}`)
  return more.length === 0 ? stack : `${stack} {\n  ${more.join(',\n  ')}\n}`
}

function join(parts: readonly string[], open: string, close: string, context: Context): string {
  if (parts.length === 0) return open + close
  const line = parts.join(', ')
  if (line.length + open.length <= context.width && !line.includes('\n')) {
    return `${open} ${line} ${close}`
  }
  return `${open}\n${parts.map((part) => part.replace(/^/gm, '  ')).join(',\n')}\n${close}`
}

function className(value: object): string {
  return Object.getPrototypeOf(value)?.constructor?.name ?? ''
}

function functionName(value: { name: string }): string {
  const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function'
  if (kind === 'class') return `[class ${value.name || '(anonymous)'}]`
  return value.name ? `[Function: ${value.name}]` : '[Function (anonymous)]'
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : text.includes('`') ? "'" : '`'
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return mark + escaped.replaceAll(mark, `\\${mark}`) + mark
}
