import { type Ratio, type Series, type Target, target } from '../results.ts'
import { median } from '../stats.ts'

/** Above this share of a core the generator may be what limits the rate. */
const GENERATOR_BUSY = 0.9
/** The same thing measured twice may differ by this much before the run is called noisy. */
const NOISE = 0.1

/** The throughput ratios against what the project wants. */
export function judge(ratios: readonly Ratio[]): Target[] {
  const middle = (name: string) => median(ratios.find((ratio) => ratio.name === name)!.values)
  return [
    target('warm rps, gateway / workerd', middle('rps: gateway / workerd'), 'ratio', 'at least', 1.5),
    target('warm rps, gateway / bare Hono', middle('rps: gateway / hono'), 'ratio', 'at least', 0.5),
    target('warm p99, gateway / workerd', middle('p99: gateway / workerd'), 'ratio', 'at most', 1),
  ]
}

/** What in the figures themselves says how far to trust them. */
export function notesOf(series: readonly Series[], ratios: readonly Ratio[]): string[] {
  const busy = series
    .filter(({ metric, values }) => metric === 'generator load' && median(values) > GENERATOR_BUSY)
    .map(
      ({ subject, values }) =>
        `The generator used ${Math.round(median(values) * 100)} % of a core against ${subject}: its rate may be the generator's`,
    )
  const noisy = ratios
    .filter(({ name }) => name.endsWith('(noise)'))
    .flatMap(({ name, values }) => {
      const worst = Math.max(...values.map((value) => Math.abs(value - 1)))
      return worst > NOISE
        ? [
            `${name} was off by up to ${Math.round(worst * 100)} % within one round: differences of that size say nothing`,
          ]
        : []
    })
  return [...busy, ...noisy]
}
