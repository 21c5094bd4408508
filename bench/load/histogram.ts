import { rankOf } from '../stats.ts'

/** The buckets of each power of two: a value is kept to within one part in 128. */
const SUB_BUCKETS = 128
const SUB_BITS = Math.log2(SUB_BUCKETS)
/** The largest value that is told apart from larger ones; in microseconds, more than half an hour. */
const MAX_VALUE = 2 ** 31 - 1

/**
 * Counts whole numbers in buckets that widen with the value, so that a percentile of millions of latencies costs a
 * few kilobytes and is off by less than 1 %. Values below 128 are exact; so are the least and the greatest.
 */
export class Histogram {
  readonly #counts = new Uint32Array(bucketOf(MAX_VALUE) + 1)
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0

  get count(): number {
    return this.#count
  }

  /** 0 where nothing was recorded. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min
  }

  get max(): number {
    return this.#max
  }

  /** 0 where nothing was recorded. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /** Counts one value; a fraction is rounded, what is out of range is counted at its edge. */
  record(value: number): void {
    const whole = Math.min(MAX_VALUE, Math.max(0, Math.round(value)))
    this.#counts[bucketOf(whole)]!++
    this.#count++
    this.#sum += whole
    if (whole < this.#min) this.#min = whole
    if (whole > this.#max) this.#max = whole
  }

  /** The value that `percent` of all values do not exceed, never below it by rounding; 0 where there is none. */
  percentile(percent: number): number {
    if (this.#count === 0) return 0
    const rank = rankOf(percent, this.#count)
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= rank) return Math.max(this.#min, Math.min(this.#max, highestIn(bucket)))
    }
    return this.#max
  }
}

/** Values up to twice the sub-buckets have a bucket each; above, every power of two has as many as `SUB_BUCKETS`. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - SUB_BITS)
  return shift * SUB_BUCKETS + (value >>> shift)
}

function highestIn(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1
  const top = bucket - shift * SUB_BUCKETS
  return (top + 1) * 2 ** shift - 1
}
