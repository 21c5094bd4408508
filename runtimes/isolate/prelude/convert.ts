// Web IDL's conversions, as far as the interfaces here need them.

const apply = Reflect.apply
const toWellFormed = String.prototype.toWellFormed

export function toUSVString(value: unknown): string {
  // A symbol throws here, as Web IDL wants.
  return apply(toWellFormed, typeof value === 'string' ? value : `${value as string}`, [])
}

export function toDOMString(value: unknown): string {
  return typeof value === 'string' ? value : `${value as string}`
}

/** A dictionary argument: undefined and null stand for the empty one. */
export function toDictionary(value: unknown, what: string): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' && typeof value !== 'function')
    throw new TypeError(`${what}: the options must be an object`)
  return value as Record<string, unknown>
}

/** Methods say how many arguments they cannot do without. */
export function need(given: number, wanted: number, what: string): void {
  if (given < wanted)
    throw new TypeError(
      `${what}: ${wanted} argument${wanted === 1 ? '' : 's'} required, but only ${given} present`,
    )
}

export function toInteger(value: unknown): number {
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) ? number : 0
}
