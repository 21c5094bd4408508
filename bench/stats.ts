/** More than the error of a product of two numbers of this size. */
const ROUNDING = 1e-6

/** Where the values of one series lie. */
export interface Summary {
  readonly n: number
  readonly min: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly mean: number
}

/** @throws RangeError where there is no value: no number would be true */
export function summarize(values: readonly number[]): Summary {
  const sorted = sortedCopy(values)
  return {
    n: sorted.length,
    min: sorted[0]!,
    p50: nearestRank(sorted, 50),
    p95: nearestRank(sorted, 95),
    p99: nearestRank(sorted, 99),
    max: sorted.at(-1)!,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  }
}

/** The middle value, or the mean of the two in the middle. @throws RangeError where there is no value */
export function median(values: readonly number[]): number {
  const sorted = sortedCopy(values)
  const middle = sorted.length / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2
}

/** A measured value, not one between two: the smallest that `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  return nearestRank(sortedCopy(values), percent)
}

/**
 * Each value of one subject over the other's of the same round, so that what slowed the machine in that round
 * cancels out. @throws RangeError where the rounds differ in number
 */
export function pairwise(numerators: readonly number[], denominators: readonly number[]): number[] {
  if (numerators.length !== denominators.length)
    throw new RangeError(`Cannot pair ${numerators.length} rounds with ${denominators.length}`)
  return numerators.map((value, round) => value / denominators[round]!)
}

/** Which of `count` sorted values, from 1 on, is the first that `percent` of them do not exceed. */
export function rankOf(percent: number, count: number): number {
  // 99.9 % of 1000 is 999.0000000000001 in binary: that must not become the thousandth.
  return Math.max(1, Math.ceil((percent / 100) * count - ROUNDING))
}

function nearestRank(sorted: readonly number[], percent: number): number {
  return sorted[rankOf(percent, sorted.length) - 1]!
}

function sortedCopy(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('Cannot summarize no values')
  return values.toSorted((a, b) => a - b)
}
