import {
  isAnyArrayBuffer,
  isArgumentsObject,
  isBoxedPrimitive,
  isDataView,
  isDate,
  isMap,
  isModuleNamespaceObject,
  isRegExp,
  isSet,
  isTypedArray,
  isWeakMap,
  isWeakSet,
} from '../util-types.ts'
import { arrayEntries, bufferContents, mapEntries, setEntries, typedArrayEntries } from './entries.ts'
import { showError } from './errors.ts'
import { layOut } from './layout.ts'
import { constructorName, functionName, prefixOf, tagOf } from './names.ts'
import type { Run } from './options.ts'
import { showPrimitive } from './primitives.ts'
import { keysOf, showProperty } from './properties.ts'

/** What a kind of object is shown as. */
interface Kind {
  readonly open: string
  readonly close?: string
  readonly base?: string
  /** The style of its base, where that is all there is. */
  readonly style?: string
  readonly entries?: (level: number) => string[]
  readonly list?: ArrayLike<unknown>
  /** Text for one that is empty and has no properties. */
  readonly empty?: string
  /** Properties that are shown though they are no own ones. */
  readonly extra?: readonly string[]
}

/** An object or function, `level` levels down. */
export function showObject(value: object, run: Run, level: number): string {
  const { depth, showHidden, sorted } = run.options
  const name = constructorName(value)
  const tag = tagOf(value, showHidden)
  const indexed = Array.isArray(value) || isTypedArray(value) || value instanceof String
  const keys = keysOf(value, showHidden, indexed)
  const kind = kindOf(value, name, tag, run, keys)
  if (keys.length === 0 && kind.empty !== undefined) return kind.empty
  if (keys.length === 0 && kind.base !== undefined)
    return kind.style === undefined ? kind.base : run.stylize(kind.base, kind.style)
  if (depth !== null && level > depth) {
    const short = prefixOf(name, tag, Array.isArray(value) ? 'Array' : 'Object').slice(0, -1)
    return run.stylize(name === null ? short : `[${short}]`, 'special')
  }
  run.seen.push(value)
  run.lastLevel = level + 1
  const entries = kind.entries?.(level + 1) ?? []
  // The elements of a list stay in their order.
  const elements = kind.list === undefined ? 0 : entries.length
  for (const key of [...keys, ...(kind.extra ?? [])]) entries.push(showProperty(value, key, run, level + 1))
  run.seen.pop()
  const order = sorted === true ? undefined : sorted
  if (order !== false) entries.splice(elements, entries.length, ...entries.slice(elements).sort(order))
  const circle = run.circles.get(value)
  const reference = circle === undefined ? '' : run.stylize(`<ref *${circle}>`, 'special')
  const base = [reference, kind.base ?? ''].filter((part) => part !== '').join(' ')
  const { open, close = '}', list = null } = kind
  return layOut({ base, open, close, entries, list }, run, level + 1)
}

function kindOf(value: object, name: string | null, tag: string, run: Run, keys: PropertyKey[]): Kind {
  const prefix = (fallback: string, size = '') => prefixOf(name, tag, fallback, size)
  if (Array.isArray(value)) {
    const before = name === 'Array' && tag === '' ? '' : prefix('Array', `(${value.length})`)
    const entries = (level: number) => arrayEntries(value, run, level)
    return { open: `${before}[`, close: ']', entries, list: value, ...emptyList(`${before}[]`, value) }
  }
  if (isTypedArray(value)) {
    const array = value as Uint8Array
    const before = prefix(tag, `(${array.length})`)
    const entries = () => typedArrayEntries(array, run)
    return { open: `${before}[`, close: ']', entries, list: array, ...emptyList(`${before}[]`, array) }
  }
  if (isSet(value)) {
    const set = value as Set<unknown>
    const before = prefix('Set', `(${set.size})`)
    const entries = (level: number) => setEntries(set, run, level)
    return { open: `${before}{`, entries, ...(set.size === 0 ? { empty: `${before}{}` } : {}) }
  }
  if (isMap(value)) {
    const map = value as Map<unknown, unknown>
    const before = prefix('Map', `(${map.size})`)
    const entries = (level: number) => mapEntries(map, run, level)
    return { open: `${before}{`, entries, ...(map.size === 0 ? { empty: `${before}{}` } : {}) }
  }
  if (typeof value === 'function') return word(functionName(value, name, tag), 'special')
  if (isRegExp(value)) return word(titled('RegExp', RegExp.prototype.toString.call(value)), 'regexp')
  if (isDate(value)) return word(titled('Date', dateText(value as Date)), 'date')
  if (value instanceof Error) return { open: '{', base: showError(value, keys, run) }
  if (isBoxedPrimitive(value)) return word(boxed(value, name, run), typeof value.valueOf() as string)
  return plainKind(value, name, tag, run)

  function titled(usual: string, text: string): string {
    const before = prefix(usual)
    return before === `${usual} ` ? text : before + text
  }
}

function plainKind(value: object, name: string | null, tag: string, run: Run): Kind {
  const open = `${prefixOf(name, tag, 'Object')}{`
  if (isAnyArrayBuffer(value))
    return { open, entries: () => [bufferContents(value as ArrayBuffer, run)], extra: ['byteLength'] }
  if (isDataView(value)) return { open, extra: ['byteLength', 'byteOffset', 'buffer'] }
  if (isWeakMap(value) || isWeakSet(value))
    return { open, entries: () => [run.stylize('<items unknown>', 'special')] }
  if (isModuleNamespaceObject(value)) return { open: `[${tag}: null prototype] {` }
  if (isArgumentsObject(value)) return { open: '[Arguments] {', empty: '[Arguments] {}' }
  const usual = name === 'Object' && tag === ''
  return usual ? { open: '{', empty: '{}' } : { open, empty: `${open}}` }
}

function word(base: string, style: string): Kind {
  return { open: '{', base, style }
}

function emptyList(text: string, list: ArrayLike<unknown>): Pick<Kind, 'empty'> {
  return list.length === 0 ? { empty: text } : {}
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}

function boxed(value: object, name: string | null, run: Run): string {
  const inner: unknown = value.valueOf()
  const type = (typeof inner)[0]!.toUpperCase() + (typeof inner).slice(1)
  const usual = type === 'Bigint' ? 'BigInt' : type
  const other = name === usual ? '' : ` (${name ?? 'null prototype'})`
  const plain: Run = { ...run, stylize: (text) => text }
  return `[${usual}${other}: ${showPrimitive(inner, plain)}]`
}
