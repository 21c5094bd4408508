/** What one callback may use. Every field is optional in the API; `resolveLimits` fills the rest. */
export interface Limits {
  /** Wall clock for a call until its answer's head, and between two chunks of a streamed answer. Milliseconds. */
  timeout_ms?: number
  /** Memory of one instance, heap and buffers together. MiB. */
  memory_mb?: number
  /** CPU one call may burn. Milliseconds. Implies `concurrency: 1` unless that is given. */
  cpu_ms?: number
  /** Calls one instance works on at the same time. */
  concurrency?: number
  /** Instances kept ready without a call. */
  min_instances?: number
  /** Instances at the most; further calls queue. */
  max_instances?: number
  /** How long an instance without a call is kept. Milliseconds. */
  idle_ms?: number
  /** `job`: an instance per call. */
  mode?: 'warm' | 'job'
  /** The largest answer body. MiB; none unless given: a long stream is no fault. */
  answer_mb?: number
  /** Lines that one instance may print in a second, on average; what is beyond is dropped and counted. */
  log_lines?: number
  /** Requests and sockets that one call may open with `fetch` and `WebSocket`. */
  subrequests?: number
  /** `none`: the function reaches no network at all, whatever the gateway allows. */
  egress?: 'policy' | 'none'
  /** Hosts, `host:port` pairs or networks (CIDR) that the function may reach beyond the gateway's policy. */
  egress_allow?: readonly string[]
}

/** Limits with every default filled in: what the pool and the drivers work with. */
export interface ResolvedLimits extends Required<Omit<Limits, 'cpu_ms' | 'answer_mb'>> {
  readonly cpu_ms: number | null
  readonly answer_mb: number | null
}

/** The inclusive range of every numeric limit: the API's schema and its messages come from here. */
export const LIMIT_RANGES = {
  timeout_ms: [1, 900_000],
  memory_mb: [16, 8192],
  cpu_ms: [1, 900_000],
  concurrency: [1, 1000],
  min_instances: [0, 100],
  max_instances: [1, 1000],
  idle_ms: [0, 86_400_000],
  answer_mb: [1, 1_048_576],
  log_lines: [1, 100_000],
  subrequests: [0, 1_000_000],
} as const satisfies Record<string, readonly [number, number]>

export const DEFAULT_LIMITS = {
  timeout_ms: 30_000,
  memory_mb: 128,
  concurrency: 64,
  min_instances: 0,
  max_instances: 4,
  idle_ms: 300_000,
  mode: 'warm',
  log_lines: 500,
  subrequests: 1000,
  egress: 'policy',
} as const

/** Fills what the author left open. A `job` takes one call per instance; a CPU limit counts one call at a time. */
export function resolveLimits(limits: Limits): ResolvedLimits {
  const mode = limits.mode ?? DEFAULT_LIMITS.mode
  const single = mode === 'job' || limits.cpu_ms !== undefined
  const min_instances = limits.min_instances ?? DEFAULT_LIMITS.min_instances
  return {
    timeout_ms: limits.timeout_ms ?? DEFAULT_LIMITS.timeout_ms,
    memory_mb: limits.memory_mb ?? DEFAULT_LIMITS.memory_mb,
    cpu_ms: limits.cpu_ms ?? null,
    concurrency: mode === 'job' ? 1 : (limits.concurrency ?? (single ? 1 : DEFAULT_LIMITS.concurrency)),
    min_instances,
    max_instances:
      limits.max_instances ?? Math.max(min_instances, single ? 16 : DEFAULT_LIMITS.max_instances),
    idle_ms: limits.idle_ms ?? DEFAULT_LIMITS.idle_ms,
    mode,
    answer_mb: limits.answer_mb ?? null,
    log_lines: limits.log_lines ?? DEFAULT_LIMITS.log_lines,
    subrequests: limits.subrequests ?? DEFAULT_LIMITS.subrequests,
    egress: limits.egress ?? DEFAULT_LIMITS.egress,
    egress_allow: limits.egress_allow ?? [],
  }
}
