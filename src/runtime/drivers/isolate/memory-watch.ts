import { readFileSync } from 'node:fs'
import type { HostProcess } from './host-process.ts'

const MIB = 1_048_576
const PAGE = 4096
const EVERY = 50
/** As the host allows an isolate beside others: see `runtimes/isolate/memory-watch.ts`. */
const ALLOWANCE = 1.5
const SLACK_MB = 64

/** Memory of a process in MiB, or null where that cannot be known. */
export function residentMb(pid: number): number | null {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    return (Number(pages) * PAGE) / MIB
  } catch {
    return null
  }
}

/**
 * Watches hosts from outside while the one isolate in them works: it may run on their only thread, so that they
 * cannot watch it themselves. Needs /proc; elsewhere the limits inside the isolate stand alone.
 * @returns a function that ends it
 */
export function watchMemory(hosts: () => Iterable<HostProcess>): () => void {
  const before = new WeakMap<HostProcess, number>()
  const timer = setInterval(() => {
    for (const host of hosts()) {
      const lone = host.lone
      if (lone === null || !lone.working) {
        before.delete(host)
        continue
      }
      const size = residentMb(host.pid)
      if (size === null) continue
      const start = before.get(host)
      if (start === undefined) before.set(host, size)
      else if (size - start > lone.memoryMb * ALLOWANCE + SLACK_MB) lone.overdrew(Math.round(size - start))
    }
  }, EVERY)
  // A number on other hosts than Node.
  if (typeof timer === 'object') timer.unref()
  return () => clearInterval(timer)
}
