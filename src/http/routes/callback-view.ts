import type { Callback } from '../../domain/callback.ts'
import { resolveLimits } from '../../domain/limits.ts'
import type { CallbackView } from '../schemas/callback.ts'
import { MASK } from '../schemas/env.ts'

/** A callback as answers show it: limits as they apply, no value of an environment variable, no code. */
export function viewOf(callback: Callback): CallbackView {
  const { code: _, env, limits, ...shown } = callback
  return { ...shown, env: masked(env), limits: appliedLimits(limits) }
}

function masked(env: Callback['env']): CallbackView['env'] {
  return Object.fromEntries(Object.keys(env).map((name) => [name, MASK]))
}

function appliedLimits(limits: Callback['limits']): CallbackView['limits'] {
  const { cpu_ms, answer_mb, egress_allow, ...applied } = resolveLimits(limits)
  return {
    ...applied,
    egress_allow: [...egress_allow],
    ...(cpu_ms === null ? {} : { cpu_ms }),
    ...(answer_mb === null ? {} : { answer_mb }),
  }
}
