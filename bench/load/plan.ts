/** One load: how many connections ask for what, and for how long. */
export interface LoadPlan {
  /** Loopback alone. */
  readonly host: string
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly connections: number
  /** What is measured. Milliseconds. */
  readonly durationMs: number
  /** What runs before it and is not counted. Milliseconds. */
  readonly leadMs: number
}

/** Latencies of one load, from the request's write to the answer's last byte. Milliseconds. */
export interface Latencies {
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** What one load came to. */
export interface LoadReport {
  /** Answers with a status below 400 that came within the time, per second. */
  readonly rps: number
  /** Requests written within the time, and how each ended. */
  readonly requests: number
  /** Requests of the lead and of the measured time that came to an end. */
  readonly ended: number
  readonly failures: number
  /** Of answers, by status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests without an answer, by reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly latency: Latencies
  /** How much of one core the generator used: near 1 it is the generator that was measured. */
  readonly generatorLoad: number
}

/** Longest that a request may take before it counts as failed. Milliseconds. */
export const REQUEST_WITHIN = 10_000
/** Longest load that may be asked for. Milliseconds. */
export const MAX_DURATION = 600_000
/** Requests after which a load ends early, whatever its time. */
export const MAX_REQUESTS = 50_000_000
const MAX_CONNECTIONS = 1024

/** @throws RangeError for a plan that would leave the machine or its bounds */
export function checkPlan(plan: LoadPlan): void {
  if (!/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(plan.host))
    throw new RangeError(`Cannot load "${plan.host}": must be a loopback address`)
  const { connections, durationMs, leadMs } = plan
  if (!Number.isInteger(connections) || connections < 1 || connections > MAX_CONNECTIONS)
    throw new RangeError(
      `Cannot open ${connections} connections: must be a whole number from 1 to ${MAX_CONNECTIONS}`,
    )
  if (!(durationMs > 0) || !(leadMs >= 0) || durationMs + leadMs > MAX_DURATION)
    throw new RangeError(
      `Cannot load for ${leadMs} + ${durationMs} ms: must be more than 0 and at most ${MAX_DURATION}`,
    )
}

/** The bytes of a request, made once. @throws RangeError for HEAD: its answers look as if they had a body */
export function requestBytes(
  plan: Pick<LoadPlan, 'host' | 'port' | 'path' | 'method' | 'headers' | 'body'>,
): Buffer {
  const { host, port, path, method = 'GET', headers = {}, body } = plan
  if (method === 'HEAD') throw new RangeError('Cannot send HEAD: use GET')
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}:${port}`,
    'user-agent: faas-bench',
    'accept: */*',
  ]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)
}
