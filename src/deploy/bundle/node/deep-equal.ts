import { isBoxedPrimitive, isDate, isMap, isRegExp, isSet } from './util-types.ts'

type Pairs = readonly (readonly [object, object])[]

/**
 * Are two values of one structure? By default in the strict sense of `util.isDeepStrictEqual`.
 * Cycles are equal to cycles.
 */
export function deepEqual(
  a: unknown,
  b: unknown,
  above: Pairs = [],
  leaf: (a: unknown, b: unknown) => boolean = Object.is,
): boolean {
  if (leaf(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (leaf === Object.is && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false
  if (above.some(([left, right]) => left === a && right === b)) return true
  const pairs: Pairs = [...above, [a, b]]
  if (isDate(a)) return (a as Date).getTime() === (b as Date).getTime()
  if (isBoxedPrimitive(a) && !leaf(a.valueOf(), b.valueOf())) return false
  if (isRegExp(a) && String(a) !== String(b)) return false
  if (a instanceof Error && (a.message !== (b as Error).message || a.name !== (b as Error).name)) return false
  if (isMap(a)) return sameMap(a as Map<unknown, unknown>, b as Map<unknown, unknown>, pairs)
  if (isSet(a)) return sameSet(a as Set<unknown>, b as Set<unknown>, pairs)
  if (a instanceof ArrayBuffer) return deepEqual(new Uint8Array(a), new Uint8Array(b as ArrayBuffer), pairs)
  const keys = ownKeys(a)
  if (keys.length !== ownKeys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      deepEqual(
        (a as Record<PropertyKey, unknown>)[key],
        (b as Record<PropertyKey, unknown>)[key],
        pairs,
        leaf,
      ),
  )
}

/** Has a value all that is in another one, in the strict sense? Arrays in order, but with more between. */
export function contains(whole: unknown, part: unknown): boolean {
  if (deepEqual(whole, part)) return true
  if (typeof whole !== 'object' || typeof part !== 'object' || whole === null || part === null) return false
  if (Object.getPrototypeOf(whole) !== Object.getPrototypeOf(part)) return false
  if (isMap(part))
    return [...(part as Map<unknown, unknown>)].every(([key, value]) => mapHas(whole, key, value))
  if (isSet(part)) return every([...(part as Set<unknown>)], [...(whole as Set<unknown>)], false)
  if (Array.isArray(part)) return every(part, whole as unknown[], true)
  if (isDate(part) || isRegExp(part) || isBoxedPrimitive(part) || ArrayBuffer.isView(part)) return false
  return ownKeys(part).every(
    (key) =>
      Object.hasOwn(whole, key) &&
      contains((whole as Record<PropertyKey, unknown>)[key], (part as Record<PropertyKey, unknown>)[key]),
  )
}

function mapHas(whole: object, key: unknown, value: unknown): boolean {
  return [...(whole as Map<unknown, unknown>)].some(
    ([other, its]) => deepEqual(other, key) && contains(its, value),
  )
}

function every(parts: readonly unknown[], whole: readonly unknown[], inOrder: boolean): boolean {
  const left = [...whole]
  return parts.every((part) => {
    const at = left.findIndex((value) => contains(value, part))
    if (at !== -1) left.splice(inOrder ? 0 : at, inOrder ? at + 1 : 1)
    return at !== -1
  })
}

function ownKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, pairs: Pairs): boolean {
  if (a.size !== b.size) return false
  const left = [...b]
  return [...a].every(([key, value]) => {
    const at = left.findIndex(([other, its]) => deepEqual(key, other, pairs) && deepEqual(value, its, pairs))
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}

function sameSet(a: Set<unknown>, b: Set<unknown>, pairs: Pairs): boolean {
  if (a.size !== b.size) return false
  const left = [...b]
  return [...a].every((value) => {
    const at = left.findIndex((other) => deepEqual(value, other, pairs))
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}
