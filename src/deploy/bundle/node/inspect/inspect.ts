import { showObject } from './object.ts'
import {
  CODES,
  colored,
  DEFAULTS,
  type InspectContext,
  type InspectOptions,
  type Run,
  STYLES,
} from './options.ts'
import { showPrimitive } from './primitives.ts'

const custom = Symbol.for('nodejs.util.inspect.custom')

/** The older way to give options. */
type Legacy = [showHidden?: boolean, depth?: number | null, colors?: boolean]

/** A value as people read it, in the manner of Node. What only an engine can see into stays closed: promises, proxies. */
export const inspect = Object.assign(
  (
    value: unknown,
    options?: InspectOptions | boolean,
    ...legacy: [depth?: number | null, colors?: boolean]
  ) => {
    const given =
      typeof options === 'object' && options !== null ? options : fromLegacy([options as boolean, ...legacy])
    return runOf({ ...inspect.defaultOptions, ...given }).show(value, 0)
  },
  {
    custom,
    defaultOptions: { ...DEFAULTS },
    styles: STYLES,
    colors: CODES,
  },
)

function fromLegacy([showHidden, depth, colors]: Legacy): InspectOptions {
  const given = Object.entries({ showHidden, depth, colors }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

function runOf(options: Required<InspectOptions>): Run {
  const { compact, colors, maxArrayLength, maxStringLength } = options
  const run: Run = {
    options,
    maxItems: maxArrayLength ?? Number.POSITIVE_INFINITY,
    maxCharacters: maxStringLength ?? Number.POSITIVE_INFINITY,
    compact: compact === true ? Number.POSITIVE_INFINITY : Number(compact),
    stylize: colors ? colored : (text) => text,
    show: (value, level) => show(value, run, level),
    seen: [],
    circles: new Map(),
    indentation: 0,
    lastLevel: 0,
  }
  return run
}

function show(value: unknown, run: Run, level: number): string {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function')
    return showPrimitive(value, run)
  const own = run.options.customInspect ? (value as Record<symbol, unknown>)[custom] : undefined
  if (typeof own === 'function' && own !== inspect && !isPrototype(value)) {
    const made = showOwn(value, own as Custom, run, level)
    if (made !== null) return made
  }
  if (run.seen.includes(value)) {
    if (!run.circles.has(value)) run.circles.set(value, run.circles.size + 1)
    return run.stylize(`[Circular *${run.circles.get(value)}]`, 'special')
  }
  return showObject(value, run, level)
}

type Custom = (depth: number | null, options: InspectContext, inspector: typeof inspect) => unknown

/** What the value's own inspection makes of it; null where that is the value itself. */
function showOwn(value: object, own: Custom, run: Run, level: number): string | null {
  const { depth } = run.options
  const left = depth === null ? null : depth - level
  const made = own.call(value, left, { ...run.options, depth: left, stylize: run.stylize }, inspect)
  if (made === value) return null
  if (typeof made !== 'object' || made === null) return String(made)
  return show(made, run, level).replaceAll('\n', `\n${' '.repeat(run.indentation)}`)
}

function isPrototype(value: object): boolean {
  const made = (value as { constructor?: { prototype?: unknown } }).constructor
  return made?.prototype === value
}
