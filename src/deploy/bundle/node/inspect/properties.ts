import type { Run } from './options.ts'
import { quote, showPrimitive } from './primitives.ts'

/** The properties of an object that are shown by name. */
export function keysOf(value: object, showHidden: boolean, withoutIndices: boolean): PropertyKey[] {
  const symbols = Object.getOwnPropertySymbols(value)
  const names = showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value)
  const isIndex = (name: string) => withoutIndices && /^(?:0|[1-9]\d*)$/.test(name)
  return [
    ...names.filter((name) => !isIndex(name)),
    ...(showHidden
      ? symbols
      : symbols.filter((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol))),
  ]
}

/** A property with its name. */
export function showProperty(value: object, key: PropertyKey, run: Run, level: number): string {
  const property = Object.getOwnPropertyDescriptor(value, key) ?? {
    value: (value as Record<PropertyKey, unknown>)[key],
    enumerable: false,
  }
  return `${showKey(key, property.enumerable === true, run)}: ${showContent(value, property, run, level)}`
}

/** An element of a list, without a name. */
export function showElement(value: object, index: number | string, run: Run, level: number): string {
  return showContent(value, Object.getOwnPropertyDescriptor(value, index)!, run, level)
}

function showKey(key: PropertyKey, enumerable: boolean, run: Run): string {
  const { stylize } = run
  const shown =
    typeof key === 'symbol'
      ? stylize(Symbol.prototype.toString.call(key), 'symbol')
      : key === '__proto__'
        ? "['__proto__']"
        : /^[A-Za-z_]\w*$/.test(String(key)) || !enumerable
          ? String(key)
          : stylize(quote(String(key)), 'string')
  return enumerable ? shown : `[${shown}]`
}

function showContent(value: object, property: PropertyDescriptor, run: Run, level: number): string {
  const { stylize } = run
  const { get, set } = property
  if (get === undefined && set === undefined) {
    run.indentation += 2
    const shown = run.show(property.value, level)
    run.indentation -= 2
    return shown
  }
  if (get === undefined) return stylize('[Setter]', 'special')
  const label = set === undefined ? 'Getter' : 'Getter/Setter'
  const { getters } = run.options
  const wanted = getters === true || (getters === 'get' && !set) || (getters === 'set' && set !== undefined)
  return wanted ? showGot(value, get, label, run, level) : stylize(`[${label}]`, 'special')
}

function showGot(value: object, get: () => unknown, label: string, run: Run, level: number): string {
  const { stylize } = run
  run.indentation += 2
  try {
    const got = get.call(value)
    if (typeof got === 'object' && got !== null)
      return `${stylize(`[${label}]`, 'special')} ${run.show(got, level)}`
    return `${stylize(`[${label}:`, 'special')} ${showPrimitive(got, run)}${stylize(']', 'special')}`
  } catch (error) {
    const { message } = error as { message?: string }
    return stylize(`[${label}: <Inspection threw (${message})>]`, 'special')
  } finally {
    run.indentation -= 2
  }
}
