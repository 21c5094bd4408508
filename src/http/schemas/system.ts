import * as v from 'valibot'
import { queryNumber } from './base.ts'

/** The answer of a deletion. */
export const MessageView = v.strictObject({ message: v.string() })

/** The answer of GET /health. */
export const HealthView = v.strictObject({
  status: v.literal('healthy'),
  version: v.string(),
  uptime_s: v.number(),
  draining: v.boolean(),
})

/** One part of the gateway: ready, or why not and what to do. */
export const PartView = v.variant('ready', [
  v.strictObject({ ready: v.literal(true), detail: v.string() }),
  v.strictObject({ ready: v.literal(false), reason: v.string(), remedy: v.string() }),
])

/** The answer of GET /ready while the gateway takes calls; its 503 carries the same parts. */
export const ReadyView = v.strictObject({
  status: v.literal('ready'),
  store: PartView,
  runtimes: v.record(v.string(), PartView),
})

/** The query of POST /deploy. */
export const DeployQuery = v.object({
  wait: v.exactOptional(
    v.pipe(
      queryNumber(0, 600, false),
      v.description('Answer when the build has ended, or after so many seconds'),
    ),
  ),
})

/** One message of a build's progress. */
export const DeployMessageView = v.variant('type', [
  v.strictObject({
    type: v.literal('status'),
    callback_id: v.number(),
    status: v.picklist(['start', 'building', 'import', 'success', 'failed']),
    message: v.string(),
  }),
  v.strictObject({ type: v.literal('log'), callback_id: v.number(), message: v.string() }),
  v.strictObject({ type: v.literal('error'), callback_id: v.number(), message: v.string() }),
])

/** The one shape of every error (RFC 9457). */
export const ProblemView = v.looseObject({
  type: v.pipe(v.string(), v.description('urn:faas:error: and the code')),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  detail: v.pipe(v.string(), v.description('What happened, to what, and what to do')),
  code: v.string(),
  blame: v.picklist(['caller', 'function', 'platform']),
  request_id: v.string(),
  callback_id: v.exactOptional(v.number()),
  errors: v.exactOptional(v.array(v.strictObject({ path: v.string(), message: v.string() }))),
})
