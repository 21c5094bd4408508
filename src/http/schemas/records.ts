import * as v from 'valibot'
import { BUILD_STEPS, DEPLOYMENT_STATUSES } from '../../domain/deployment.ts'
import { LOG_LEVELS } from '../../domain/outcome.ts'
import { RUNTIME_NAMES } from '../../domain/runtime-name.ts'
import { id, queryFlag, queryNumber, time } from './base.ts'

const count = () => v.pipe(v.number(), v.integer(), v.minValue(0))
const ms = () => v.pipe(v.number(), v.minValue(0))
const measured = () => v.nullable(v.number())

const limit = v.optional(v.pipe(queryNumber(1, 1000), v.description('How many at the most')), '100')

/** The query of the lists that only grow. */
export const ListQuery = v.object({ limit })

/** The query of GET /callbacks/{id}/logs. */
export const LogQuery = v.object({
  limit,
  after: v.exactOptional(
    v.pipe(queryNumber(0, Number.MAX_SAFE_INTEGER), v.description('Only lines with a higher id')),
  ),
  follow: v.optional(v.pipe(queryFlag(), v.description('Go on with server-sent events')), '0'),
})

/** Why a build failed, in the author's own coordinates where there are any. */
export const BuildErrorView = v.strictObject({
  code: v.string(),
  message: v.string(),
  step: v.picklist(BUILD_STEPS),
  file: v.exactOptional(v.string()),
  line: v.exactOptional(count()),
  column: v.exactOptional(count()),
  stack: v.exactOptional(v.string()),
})

const timing = () => v.exactOptional(ms())

/** One version of a callback. */
export const DeploymentView = v.strictObject({
  callback_id: id(),
  version: id(),
  runtime: v.picklist(RUNTIME_NAMES),
  status: v.picklist(DEPLOYMENT_STATUSES),
  step: v.pipe(v.picklist(BUILD_STEPS), v.description('The last step that was entered')),
  error: v.nullable(BuildErrorView),
  timings: v.pipe(
    v.strictObject({
      validate: timing(),
      install: timing(),
      bundle: timing(),
      boot: timing(),
      activate: timing(),
      total: timing(),
    }),
    v.description('Milliseconds each finished step took'),
  ),
  log: v.pipe(v.string(), v.description('Address of the build log')),
  created_at: time(),
  finished_at: v.nullable(time()),
})

/** One line that a function printed. */
export const LogView = v.strictObject({
  id: id(),
  callback_id: id(),
  version: id(),
  instance_id: v.string(),
  request_id: v.nullable(v.string()),
  level: v.picklist(LOG_LEVELS),
  time: time(),
  message: v.string(),
})

/** One finished call. */
export const InvocationView = v.strictObject({
  request_id: v.string(),
  callback_id: id(),
  version: id(),
  runtime: v.string(),
  instance_id: v.nullable(v.string()),
  status: v.pipe(count(), v.description('HTTP status that the caller saw; 499 when the caller hung up')),
  lambda_status_code: count(),
  start: v.nullable(v.picklist(['warm', 'prewarmed', 'cold'])),
  phases: v.pipe(
    v.strictObject({ queue: timing(), start: timing(), init: timing(), handler: timing(), total: ms() }),
    v.description('Milliseconds per phase; one that did not happen is absent'),
  ),
  peak_memory_mb: measured(),
  outcome: v.picklist(['answered', 'threw', 'unsendable', 'killed', 'aborted', 'refused']),
  error: v.nullable(v.string()),
  time: time(),
})

/** One live sandbox. */
export const InstanceView = v.strictObject({
  instance_id: v.string(),
  callback_id: id(),
  version: id(),
  runtime: v.string(),
  state: v.picklist(['starting', 'ready', 'draining']),
  in_flight: count(),
  requests: count(),
  memory_mb: measured(),
  peak_memory_mb: measured(),
  cpu_ms: measured(),
  generation: id(),
  started_at: time(),
  age_ms: ms(),
})

/** One ended sandbox and why it ended. */
export const ExitView = v.strictObject({
  instance_id: v.string(),
  callback_id: id(),
  version: id(),
  runtime: v.string(),
  reason: v.picklist([
    'timeout',
    'memory',
    'cpu',
    'crash',
    'evicted',
    'idle',
    'replaced',
    'undeployed',
    'job_done',
    'shutdown',
    'boot_failed',
  ]),
  detail: v.string(),
  limit: measured(),
  used: measured(),
  cpu_ms: measured(),
  peak_memory_mb: measured(),
  last_request_id: v.nullable(v.string()),
  requests: count(),
  started_at: time(),
  ended_at: time(),
  last_logs: v.pipe(
    v.array(
      v.strictObject({
        request_id: v.nullable(v.string()),
        level: v.picklist(LOG_LEVELS),
        time: time(),
        message: v.string(),
      }),
    ),
    v.description('What it printed last, oldest first: at most 10 lines of at most 1,000 characters'),
  ),
})

/** The answer of GET /callbacks/{id}/instances: what lives on this gateway, and what has ended, newest first. */
export const InstancesView = v.strictObject({ instances: v.array(InstanceView), ended: v.array(ExitView) })
