// `node:util` where there is no Node. unenv's module serves as a placeholder only, so this one is written out.
import { deepEqual } from './deep-equal.ts'
import { inspect } from './inspect.ts'
import types from './util-types.ts'

export { inspect, types }
export const TextDecoder = globalThis.TextDecoder
export const TextEncoder = globalThis.TextEncoder

type Callback = (error: unknown, value?: unknown) => void
// biome-ignore lint/suspicious/noExplicitAny: these wrap functions of any shape, as Node's do
type AnyFunction = (...args: any[]) => any

const customPromisify = Symbol.for('nodejs.util.promisify.custom')

export const promisify = Object.assign(
  (original: AnyFunction): AnyFunction => {
    if (typeof original !== 'function')
      throw new TypeError('The "original" argument must be of type function')
    const own = (original as unknown as Record<symbol, AnyFunction | undefined>)[customPromisify]
    if (own !== undefined) return own
    return function (this: unknown, ...args) {
      return new Promise((resolve, reject) => {
        const done: Callback = (error, value) => (error ? reject(error) : resolve(value))
        original.call(this, ...args, done)
      })
    }
  },
  { custom: customPromisify },
)

export function callbackify(original: AnyFunction): AnyFunction {
  return function (this: unknown, ...args) {
    const done = args.pop() as Callback
    original.apply(this, args).then(
      (value: unknown) => queueMicrotask(() => done(null, value)),
      (error: unknown) =>
        queueMicrotask(() => done(error ?? new Error('Promise was rejected with no reason'))),
    )
  }
}

export function inherits(child: AnyFunction, parent: AnyFunction): void {
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true })
  Object.setPrototypeOf(child.prototype, parent.prototype)
}

export function deprecate<F extends AnyFunction>(wrapped: F, message: string, code?: string): F {
  let warned = false
  return function (this: unknown, ...args: unknown[]) {
    if (!warned) console.warn(`${code === undefined ? '' : `[${code}] `}DeprecationWarning: ${message}`)
    warned = true
    return wrapped.apply(this, args)
  } as F
}

/** Node prints only for the sections that NODE_DEBUG names. */
export function debuglog(section: string): AnyFunction & { enabled: boolean } {
  const { env } = (globalThis as { process?: { env?: Record<string, string> } }).process ?? {}
  const enabled = (env?.NODE_DEBUG ?? '').toLowerCase().split(',').includes(section.toLowerCase())
  const log = (...args: unknown[]) => {
    if (enabled) console.error(`${section.toUpperCase()}: ${format(...args)}`)
  }
  return Object.assign(log, { enabled })
}
export const debug = debuglog

export function format(...args: unknown[]): string {
  const [first, ...rest] = args
  if (typeof first !== 'string') return args.map(plain).join(' ')
  const text = first.replace(/%([sdifjoOc%])/g, (whole, kind: string) => {
    if (kind === '%') return '%'
    return rest.length === 0 ? whole : formatOne(kind, rest.shift())
  })
  return [text, ...rest.map(plain)].join(' ')
}

export function formatWithOptions(_options: unknown, ...args: unknown[]): string {
  return format(...args)
}

function formatOne(kind: string, value: unknown): string {
  if (kind === 's') return plain(value)
  if (kind === 'c') return ''
  if (kind === 'j') return JSON.stringify(value) ?? 'undefined'
  if (kind === 'o' || kind === 'O') return inspect(value, { depth: 4 })
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol' || (typeof value === 'object' && kind !== 'd')) return 'NaN'
  return String(kind === 'i' ? Number.parseInt(String(value), 10) : Number(value))
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value)
}

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return deepEqual(a, b)
}
export const isArray = Array.isArray
export const toUSVString = (text: unknown): string => String(text).toWellFormed()
export const stripVTControlCharacters = (text: string): string =>
  text.replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\))/g, '')

export default {
  TextDecoder,
  TextEncoder,
  callbackify,
  debug,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  inherits,
  inspect,
  isArray,
  isDeepStrictEqual,
  promisify,
  stripVTControlCharacters,
  toUSVString,
  types,
}
