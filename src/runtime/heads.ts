import type { Deployment } from '../domain/deployment.ts'
import type { ResolvedLimits } from '../domain/limits.ts'
import { LOG_LEVELS } from '../domain/outcome.ts'
import type { RuntimeName } from '../domain/runtime-name.ts'
import type { InstanceLog } from './runtime.ts'
import type { LogHead, StartHead } from './wire.ts'

/** What a guest must know before it loads a function. */
export function startHead(runtime: RuntimeName, deployment: Deployment, limits: ResolvedLimits): StartHead {
  return {
    meta: {
      callbackId: deployment.callback_id,
      version: deployment.version,
      runtime,
      memoryMb: limits.memory_mb,
      timeoutMs: limits.timeout_ms,
      env: { ...deployment.env },
    },
    memoryMb: limits.memory_mb,
    cpuMs: limits.cpu_ms,
    logLines: limits.log_lines,
    concurrency: limits.concurrency,
  }
}

/** A printed line as a guest sent it, checked: guests are not trusted. */
export function toLog(line: LogHead): InstanceLog {
  return {
    request_id: typeof line.r === 'string' ? line.r : null,
    level: LOG_LEVELS.includes(line.l) ? line.l : 'info',
    time: Number.isSafeInteger(line.t) ? line.t : Date.now(),
    message: String(line.m),
  }
}
