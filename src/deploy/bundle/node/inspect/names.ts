import { isAsyncFunction, isGeneratorFunction } from '../util-types.ts'

/** The name of the class a value is of; null for what inherits from nothing. */
export function constructorName(value: object): string | null {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    const made: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value
    if (typeof made === 'function' && made.name !== '' && isInstance(value, made)) return made.name
  }
  return Object.getPrototypeOf(value) === null ? null : 'Object <Complex prototype>'
}

function isInstance(value: object, made: object): boolean {
  try {
    return value instanceof (made as never)
  } catch {
    return false
  }
}

/** The tag that a value's class gives it, where it says more than the name. */
export function tagOf(value: object, showHidden: boolean): string {
  const tag: unknown = (value as Record<symbol, unknown>)[Symbol.toStringTag]
  if (typeof tag !== 'string') return ''
  const asProperty = showHidden
    ? Object.hasOwn(value, Symbol.toStringTag)
    : Object.prototype.propertyIsEnumerable.call(value, Symbol.toStringTag)
  return asProperty ? '' : tag
}

/** What stands before the braces: class, size and tag. */
export function prefixOf(name: string | null, tag: string, fallback: string, size = ''): string {
  if (name === null)
    return `[${fallback}${size}: null prototype] ${tag !== '' && tag !== fallback ? `[${tag}] ` : ''}`
  return `${name}${size} ${tag !== '' && tag !== name ? `[${tag}] ` : ''}`
}

/** A function in one word. */
export function functionName(value: { readonly name: string }, name: string | null, tag: string): string {
  const source = Function.prototype.toString.call(value)
  if (/^class\b/.test(source) && source.endsWith('}')) return className(value, name, tag)
  const kind = `${isAsyncFunction(value) ? 'Async' : ''}${isGeneratorFunction(value) ? 'Generator' : ''}Function`
  const nothing = name === null ? ' (null prototype)' : ''
  const label = value.name === '' ? ' (anonymous)' : `: ${value.name}`
  const other = name !== kind && name !== null ? ` ${name}` : ''
  return `[${kind}${nothing}${label}]${other}${tag !== '' && tag !== name ? ` [${tag}]` : ''}`
}

function className(value: { readonly name: string }, name: string | null, tag: string): string {
  const own = Object.hasOwn(value, 'name') && value.name !== '' ? value.name : '(anonymous)'
  const other = name !== 'Function' && name !== null ? ` [${name}]` : ''
  const parent: { name?: string } | null = Object.getPrototypeOf(value)
  const above = name === null ? ' extends null' : parent?.name ? ` extends ${parent.name}` : ''
  return `[class ${own}${other}${tag !== '' && tag !== name ? ` [${tag}]` : ''}${above}]`
}
