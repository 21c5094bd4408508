import * as v from 'valibot'
import { parseDestination } from '../../domain/destination.ts'
import { LIMIT_RANGES } from '../../domain/limits.ts'
import { fields, oneOf, text, wholeNumber } from './base.ts'

const ranged = {
  timeout_ms: limit('timeout_ms', 'Longest time to the head of the answer, and between two chunks of it'),
  memory_mb: limit('memory_mb', 'Memory of one instance, in MiB'),
  cpu_ms: limit('cpu_ms', 'CPU time one call may use; implies `concurrency` 1 unless that is given'),
  concurrency: limit('concurrency', 'Calls that one instance works on at the same time'),
  min_instances: limit('min_instances', 'Instances kept ready without a call'),
  max_instances: limit('max_instances', 'Instances at the most; further calls wait in a queue'),
  idle_ms: limit('idle_ms', 'How long an instance without a call is kept'),
  answer_mb: limit('answer_mb', 'Largest body of an answer, in MiB; none unless given'),
  log_lines: limit('log_lines', 'Lines that one instance may print in a second; more are dropped'),
  subrequests: limit('subrequests', 'Requests and sockets that one call may open'),
}
const MODES = ['warm', 'job'] as const
const EGRESS = ['policy', 'none'] as const
const MAX_DESTINATIONS = 100

function limit(name: keyof typeof LIMIT_RANGES, about: string) {
  const [min, max] = LIMIT_RANGES[name]
  return v.pipe(wholeNumber(min, max), v.description(about))
}

const mode = v.pipe(oneOf(MODES), v.description('`job`: an instance per call'))
const egress = v.pipe(oneOf(EGRESS), v.description('`none`: the function reaches no network'))
const egressAllow = v.pipe(
  v.array(
    v.pipe(
      text(300),
      v.check(
        (entry) => parseDestination(entry) !== null,
        'must be a host, a host with a port, or a network such as 10.0.0.0/8',
      ),
    ),
    'must be a list',
  ),
  v.maxLength(MAX_DESTINATIONS, `must have at most ${MAX_DESTINATIONS} entries`),
  v.description('Hosts, host:port pairs and networks that the function may reach beyond the policy'),
)

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
    answer_mb: v.exactOptional(ranged.answer_mb),
    log_lines: v.exactOptional(ranged.log_lines),
    subrequests: v.exactOptional(ranged.subrequests),
    egress: v.exactOptional(egress),
    egress_allow: v.exactOptional(egressAllow),
  }),
  v.check(
    ({ min_instances = 0, max_instances = Number.POSITIVE_INFINITY }) => min_instances <= max_instances,
    'must not have min_instances above max_instances',
  ),
)

/** Limits as they apply, with every default filled in; `cpu_ms` and `answer_mb` are there only when they are limited. */
export const LimitsView = v.strictObject({
  ...ranged,
  cpu_ms: v.exactOptional(ranged.cpu_ms),
  answer_mb: v.exactOptional(ranged.answer_mb),
  mode,
  egress,
  egress_allow: egressAllow,
})
