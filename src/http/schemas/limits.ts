import * as v from 'valibot'
import { LIMIT_RANGES } from '../../domain/limits.ts'
import { fields, oneOf, wholeNumber } from './base.ts'

const ranged = {
  timeout_ms: limit('timeout_ms', 'Longest time to the head of the answer, and between two chunks of it'),
  memory_mb: limit('memory_mb', 'Memory of one instance, in MiB'),
  cpu_ms: limit('cpu_ms', 'CPU time one call may use; implies `concurrency` 1 unless that is given'),
  concurrency: limit('concurrency', 'Calls that one instance works on at the same time'),
  min_instances: limit('min_instances', 'Instances kept ready without a call'),
  max_instances: limit('max_instances', 'Instances at the most; further calls wait in a queue'),
  idle_ms: limit('idle_ms', 'How long an instance without a call is kept'),
}
const MODES = ['warm', 'job'] as const

function limit(name: keyof typeof LIMIT_RANGES, about: string) {
  const [min, max] = LIMIT_RANGES[name]
  return v.pipe(wholeNumber(min, max), v.description(about))
}

const mode = v.pipe(oneOf(MODES), v.description('`job`: an instance per call'))

/** The limits a caller may set; what is left out takes its default. */
export const LimitsInput = v.pipe(
  fields({
    timeout_ms: v.exactOptional(ranged.timeout_ms),
    memory_mb: v.exactOptional(ranged.memory_mb),
    cpu_ms: v.exactOptional(ranged.cpu_ms),
    concurrency: v.exactOptional(ranged.concurrency),
    min_instances: v.exactOptional(ranged.min_instances),
    max_instances: v.exactOptional(ranged.max_instances),
    idle_ms: v.exactOptional(ranged.idle_ms),
    mode: v.exactOptional(mode),
  }),
  v.check(
    ({ min_instances = 0, max_instances = Number.POSITIVE_INFINITY }) => min_instances <= max_instances,
    'must not have min_instances above max_instances',
  ),
)

/** Limits as they apply, with every default filled in; `cpu_ms` is there only when it is limited. */
export const LimitsView = v.strictObject({ ...ranged, cpu_ms: v.exactOptional(ranged.cpu_ms), mode })
