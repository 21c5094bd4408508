import { formatLabels, type Labels, type PrometheusText } from './prometheus.ts'

/** Counts observations into fixed buckets. One observation is a few additions. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  /** @param bounds upper bounds, ascending; what is above them all is counted too */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let index = 0
    while (index < bounds.length && value > bounds[index]!) index++
    this.#counts[index]!++
    this.#sum += value
  }

  /** Adds its samples to the metric that is open. */
  write(text: PrometheusText, name: string, labels: Labels): void {
    let total = 0
    for (const [index, count] of this.#counts.entries()) {
      total += count
      const bound = this.#bounds[index] ?? Number.POSITIVE_INFINITY
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
      text.sample(`${name}_bucket`, formatLabels({ ...labels, le }), total)
    }
    text.sample(`${name}_sum`, formatLabels(labels), this.#sum)
    text.sample(`${name}_count`, formatLabels(labels), total)
  }
}
