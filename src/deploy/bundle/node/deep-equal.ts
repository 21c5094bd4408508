import { isDate, isMap, isRegExp, isSet } from './util-types.ts'

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
