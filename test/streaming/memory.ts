import { readdirSync, readFileSync } from 'node:fs'

const SAMPLE_EVERY = 50
const KIB_PER_MIB = 1024

/** Resident memory of one process over time: its peaks before and after a mark. MiB. */
export interface Peaks {
  readonly pid: number
  early: number
  late: number
}

/** Watches a process and those that it started. */
export interface MemoryWatch {
  /** What comes from now on is late. */
  mark(): void
  stop(): Peaks[]
}

/** Whether this machine tells how much memory a process has. */
export function hasProc(): boolean {
  return residentMib(process.pid) > 0
}

/** Samples the resident memory of a gateway and of its hosts. */
export function watchMemory(root: number): MemoryWatch {
  const peaks = new Map<number, Peaks>()
  let marked = false
  const sample = () => {
    for (const pid of [root, ...childrenOf(root)]) {
      const peak = peaks.get(pid) ?? { pid, early: 0, late: 0 }
      peaks.set(pid, peak)
      const when = marked ? 'late' : 'early'
      peak[when] = Math.max(peak[when], residentMib(pid))
    }
  }
  const timer = setInterval(sample, SAMPLE_EVERY)
  sample()
  return {
    mark() {
      sample()
      marked = true
    },
    stop() {
      sample()
      clearInterval(timer)
      return [...peaks.values()]
    },
  }
}

function residentMib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / KIB_PER_MIB
  } catch {
    return 0
  }
}

function childrenOf(parent: number): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
      .map(Number)
  } catch {
    return []
  }
}

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
