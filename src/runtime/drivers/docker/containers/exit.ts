import type { Language } from '../../../../domain/runtime-name.ts'
import type { ProcessEnd } from '../../../framed-instance.ts'
import type { ContainerEnd } from '../engine/events.ts'

/** 128 + SIGKILL: what the kernel's out-of-memory killer leaves. */
const KILLED = 137
/** 128 + SIGXCPU: the Node guest's watchdog ends its process with it. */
const CPU = 152
const HEAP = /heap out of memory|Allocation failed|Zone.*OOM/i

/** Why a container ended that nobody closed. @param stderr the end of what it printed past its guest */
export function processEnd(
  end: ContainerEnd,
  language: Language,
  limits: { readonly memory_mb: number; readonly cpu_ms: number | null },
  stderr: string,
): ProcessEnd {
  const { memory_mb, cpu_ms } = limits
  const { code } = end
  const own = { limit: null, used: null }
  if (end.lost) return { reason: 'evicted', detail: 'the Docker engine lost its container', ...own }
  if (language === 'node' && code === CPU && cpu_ms !== null)
    return { reason: 'cpu', detail: `it used more than ${cpu_ms} ms of CPU`, limit: cpu_ms, used: cpu_ms }
  if ((code === KILLED && end.oom) || (code !== 0 && HEAP.test(stderr))) {
    const detail = `it used more than ${memory_mb} MB of memory (exit code ${code})`
    return { reason: 'memory', detail, limit: memory_mb, used: memory_mb }
  }
  if (code === KILLED) return { reason: 'crash', detail: 'its container was killed (exit code 137)', ...own }
  return { reason: 'crash', detail: `its container ended with exit code ${code}`, ...own }
}
