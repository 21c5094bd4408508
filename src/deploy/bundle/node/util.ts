// `node:util` where there is no Node. unenv's module serves as a placeholder only, so this one is written out.
import { deepEqual } from './deep-equal.ts'
import { invalidArgument, needFunction } from './errors.ts'
import { format, formatWithOptions } from './format.ts'
import { inspect } from './inspect/inspect.ts'
import { styled } from './inspect/options.ts'
import types from './util-types.ts'

export { format, formatWithOptions, inspect, types }
export const TextDecoder = globalThis.TextDecoder
export const TextEncoder = globalThis.TextEncoder

type Callback = (error: unknown, value?: unknown) => void
// biome-ignore lint/suspicious/noExplicitAny: these wrap functions of any shape, as Node's do
type AnyFunction = (...args: any[]) => any

const customPromisify = Symbol.for('nodejs.util.promisify.custom')

export const promisify = Object.assign(
  (original: AnyFunction): AnyFunction => {
    needFunction('original', original)
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
  needFunction('original', original)
  return function (this: unknown, ...args) {
    const done = args.pop() as Callback
    original.apply(this, args).then(
      (value: unknown) => queueMicrotask(() => done(null, value)),
      (error: unknown) => queueMicrotask(() => done(error || withoutReason(error))),
    )
  }
}

function withoutReason(reason: unknown): Error {
  const error = new Error('Promise was rejected with falsy value')
  return Object.assign(error, { code: 'ERR_FALSY_VALUE_REJECTION', reason })
}

export function inherits(child: AnyFunction, parent: AnyFunction): void {
  needFunction('ctor', child)
  needFunction('superCtor', parent)
  if (parent.prototype === undefined)
    throw invalidArgument('superCtor.prototype', 'of type object', parent.prototype)
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

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return deepEqual(a, b)
}
export const isArray = Array.isArray
/** @see https://nodejs.org/api/util.html#utilstyletextformat-text-options */
export function styleText(styles: string | readonly string[], text: string): string {
  return [styles].flat().reduceRight((inner, style) => styled(inner, style), text)
}
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
  styleText,
  toUSVString,
  types,
}
