const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const
const STEP = 1024
/** From here on a fraction says nothing more. */
const WHOLE_FROM = 10

/** Bytes as people read them. */
export function bytes(count: number): string {
  let rest = count
  let unit = 0
  while (rest >= STEP && unit < UNITS.length - 1) {
    rest /= STEP
    unit++
  }
  return `${unit === 0 || rest >= WHOLE_FROM ? Math.round(rest) : rest.toFixed(1)} ${UNITS[unit]}`
}

/** A number with the noun it counts. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
