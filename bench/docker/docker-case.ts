import type { Case, Measured, RunOptions } from '../cases/case.ts'
import { engineMissing } from './engine.ts'

/** A case that needs a Docker engine: where none answers it measures nothing and says why. */
export function dockerCase(name: string, measure: (options: RunOptions) => Promise<Measured>): Case {
  return {
    name,
    async run(options) {
      const missing = engineMissing()
      return missing === null ? measure(options) : skipped(missing)
    },
  }
}

function skipped(why: string): Measured {
  return {
    about: 'Left out',
    layout: 'samples',
    series: [],
    ratios: [],
    targets: [],
    failures: {},
    notes: [why],
  }
}
