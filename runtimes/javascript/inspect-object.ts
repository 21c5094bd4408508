import type { Inspection } from './inspect.ts'
import { showKey } from './inspect-primitive.ts'
import { webEntries } from './inspect-web.ts'

const MAX_LOOKS = 100_000
const MAX_ITEMS = 100
const MAX_KEYS = 200
const LINE = 76
const FRAME = /\n {4}at /

/** Text of an object or function. */
export function describeObject(value: object, inspection: Inspection, level: number): string {
  if (inspection.seen.includes(value)) return '[Circular *]'
  const name = className(value)
  if (value instanceof Error) return describeError(value, inspection, level)
  const leaf = describeLeaf(value, name)
  const web = webEntries(value, name)
  // Hosts keep their own marks on the objects of the web's classes; those are nobody's business.
  const keys = web.length > 0 ? [] : ownKeys(value)
  if (leaf !== null && keys.length === 0) return leaf
  if (level > inspection.depth)
    return `[${Array.isArray(value) ? 'Array' : name || 'Object: null prototype'}]`
  inspection.seen.push(value)
  const { prefix, items, open, close } = describeContents(value, name, web, inspection, level)
  items.push(...describeKeys(value, keys, inspection, level))
  inspection.seen.pop()
  return wrap(leaf ?? prefix, items, open, close, Array.isArray(value) || ArrayBuffer.isView(value), level)
}

interface Contents {
  prefix: string
  items: string[]
  open: string
  close: string
}

function describeContents(
  value: object,
  name: string,
  web: [string, unknown][],
  inspection: Inspection,
  level: number,
): Contents {
  const inner = (item: unknown) => inspection.show(item, level + 1)
  if (Array.isArray(value))
    return {
      prefix: name === 'Array' ? '' : `${name}(${value.length})`,
      items: arrayItems(value, inner),
      open: '[',
      close: ']',
    }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const array = value as unknown as ArrayLike<unknown>
    return { prefix: `${name}(${array.length})`, items: arrayItems(array, inner), open: '[', close: ']' }
  }
  const items: string[] = []
  if (value instanceof Map) {
    const entries = take(Map.prototype.entries.call(value), value.size, items)
    items.unshift(...entries.map(([key, item]) => `${inner(key)} => ${inner(item)}`))
    return { prefix: `${name}(${value.size})`, items, open: '{', close: '}' }
  }
  if (value instanceof Set) {
    const entries = take(Set.prototype.values.call(value), value.size, items)
    items.unshift(...entries.map(inner))
    return { prefix: `${name}(${value.size})`, items, open: '{', close: '}' }
  }
  if (value instanceof ArrayBuffer) items.push(`byteLength: ${value.byteLength}`)
  if (value instanceof WeakMap || value instanceof WeakSet) items.push('<items unknown>')
  for (const [key, item] of web) items.push(`${showKey(key)}: ${inner(item)}`)
  const tag = toStringTag(value)
  const label = name === '' ? '[Object: null prototype]' : name === 'Object' ? '' : name
  return {
    prefix: tag && tag !== name ? `${label || 'Object'} [${tag}]` : label,
    items,
    open: '{',
    close: '}',
  }
}

/** Objects that are one word, unless they carry properties of their own. */
function describeLeaf(value: object, name: string): string | null {
  if (typeof value === 'function') {
    const isClass = /^class\b/.test(Function.prototype.toString.call(value))
    const own = Object.getOwnPropertyDescriptor(value, 'name')?.value
    const label = typeof own === 'string' && own !== '' ? own : '(anonymous)'
    if (!isClass) return label === '(anonymous)' ? `[${name} (anonymous)]` : `[${name}: ${label}]`
    const parent = Object.getPrototypeOf(value)?.name
    return `[class ${label}${parent ? ` extends ${parent}` : ''}]`
  }
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : Date.prototype.toISOString.call(value)
  if (value instanceof RegExp) return RegExp.prototype.toString.call(value)
  if (value instanceof Number || value instanceof String || value instanceof Boolean)
    return `[${name}: ${typeof value.valueOf() === 'string' ? `'${value}'` : value}]`
  return null
}

function describeError(error: Error, inspection: Inspection, level: number): string {
  const stack = Object.getOwnPropertyDescriptor(error, 'stack')
  const text = typeof stack?.value === 'string' ? stack.value : readStack(error)
  // Without a frame the stack is just the message, as for errors that were copied across a boundary.
  let result = FRAME.test(text) || level === 0 ? text : `[${text}]`
  const keys = ownKeys(error).filter((key) => key !== 'stack' && key !== 'message')
  if (Object.hasOwn(error, 'cause') && !keys.includes('cause')) keys.push('cause')
  if (Object.hasOwn(error, 'errors') && !keys.includes('errors')) keys.push('errors')
  if (keys.length > 0) {
    inspection.seen.push(error)
    const items = describeKeys(error, keys, inspection, level, true)
    inspection.seen.pop()
    result += ` {\n${items.map((item) => indent(item)).join(',\n')}\n}`
  }
  return result
}

function readStack(error: Error): string {
  const { stack } = error
  return typeof stack === 'string' && stack !== '' ? stack : `${error.name}: ${error.message}`
}

function describeKeys(
  value: object,
  keys: (string | symbol)[],
  inspection: Inspection,
  level: number,
  bracketHidden = false,
): string[] {
  const items: string[] = []
  for (const key of keys.slice(0, MAX_KEYS)) {
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (property === undefined) continue
    const label = bracketHidden && !property.enumerable ? `[${String(key)}]` : showKey(key)
    if (property.get && property.set) items.push(`${label}: [Getter/Setter]`)
    else if (property.get) items.push(`${label}: [Getter]`)
    else if (property.set) items.push(`${label}: [Setter]`)
    else items.push(`${label}: ${inspection.show(property.value, level + 1)}`)
  }
  if (keys.length > MAX_KEYS) items.push(`... ${keys.length - MAX_KEYS} more properties`)
  return items
}

function arrayItems(array: ArrayLike<unknown>, inner: (item: unknown) => string): string[] {
  const items: string[] = []
  let index = 0
  // Holes have to be looked at one by one: an array of nothing else must not take for ever.
  let looks = MAX_LOOKS
  for (; index < array.length && items.length < MAX_ITEMS && looks > 0; index++) {
    if (index in array) {
      items.push(inner(array[index]))
      continue
    }
    const start = index
    while (index + 1 < array.length && !(index + 1 in array) && looks-- > 0) index++
    const holes = index - start + 1
    items.push(`<${holes} empty item${holes === 1 ? '' : 's'}>`)
  }
  if (index < array.length)
    items.push(`... ${array.length - index} more item${array.length - index === 1 ? '' : 's'}`)
  return items
}

function take<T>(iterator: Iterable<T>, size: number, items: string[]): T[] {
  const taken: T[] = []
  for (const item of iterator) {
    if (taken.length === MAX_ITEMS) {
      items.push(`... ${size - MAX_ITEMS} more items`)
      break
    }
    taken.push(item)
  }
  return taken
}

function ownKeys(value: object): (string | symbol)[] {
  // Naming every element of a large array would cost more than the array.
  if (ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > 10_000)) return []
  const indexed = Array.isArray(value) || value instanceof String
  return Reflect.ownKeys(value).filter(
    (key) =>
      Object.prototype.propertyIsEnumerable.call(value, key) &&
      !(indexed && typeof key === 'string' && /^\d+$/.test(key)),
  )
}

function className(value: object): string {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const holder: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value
    if (typeof holder === 'function' && holder.name !== '') return holder.name
  }
  return ''
}

function toStringTag(value: object): string {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const tag = Object.getOwnPropertyDescriptor(at, Symbol.toStringTag)
    if (tag !== undefined) return typeof tag.value === 'string' ? tag.value : ''
  }
  return ''
}

function wrap(
  prefix: string,
  items: string[],
  open: string,
  close: string,
  isList: boolean,
  level: number,
): string {
  const start = prefix === '' ? open : `${prefix} ${open}`
  if (items.length === 0) return start + close
  const length = items.reduce((sum, item) => sum + item.length + 2, 0)
  const flat = !items.some((item) => item.includes('\n'))
  if (flat && length + start.length + level * 2 <= LINE && !(isList && items.length > 6))
    return `${start} ${items.join(', ')} ${close}`
  const lines = flat && isList && items.length > 6 ? fill(items) : items
  return `${start}\n${lines.map(indent).join(',\n')}\n${close}`
}

/** Long lists of short things take as few lines as they can. */
function fill(items: string[]): string[] {
  const lines: string[] = []
  let line = ''
  for (const item of items) {
    if (line !== '' && line.length + item.length + 2 > LINE) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? item : `${line}, ${item}`
  }
  lines.push(line)
  return lines
}

function indent(text: string): string {
  return `  ${text.replaceAll('\n', '\n  ')}`
}
