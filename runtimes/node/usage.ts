import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { UsageHead } from '../../src/runtime/wire.ts'

const ROOT = '/sys/fs/cgroup'
const MIB = 1_048_576

type Read = () => number

/** What this container uses, as its control group counts it: child processes included. */
export function usageReader(root = ROOT): () => UsageHead {
  const [memory, peak, cpu] = second(root) ?? first(root) ?? ownProcess()
  return () => ({ cpuMs: round(cpu()), memoryMb: round(memory()), peakMb: round(peak()) })
}

/** Version 2: one folder; `memory.peak` since Linux 5.19. */
function second(root: string): [Read, Read, Read] | null {
  const memory = bytesIn(`${root}/memory.current`)
  const cpu = () => Number(/^usage_usec (\d+)/m.exec(readFileSync(`${root}/cpu.stat`, 'latin1'))?.[1]) / 1000
  if (memory === null || !works(cpu)) return null
  return [memory, bytesIn(`${root}/memory.peak`) ?? highest(memory), cpu]
}

/** Version 1: a folder for each controller. */
function first(root: string): [Read, Read, Read] | null {
  const memory = bytesIn(`${root}/memory/memory.usage_in_bytes`)
  const peak = bytesIn(`${root}/memory/memory.max_usage_in_bytes`)
  const cpu = numberIn(`${root}/cpuacct/cpuacct.usage`, 1_000_000)
  return memory === null || peak === null || cpu === null ? null : [memory, peak, cpu]
}

function ownProcess(): [Read, Read, Read] {
  const memory = () => process.memoryUsage.rss() / MIB
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  return [memory, () => process.resourceUsage().maxRSS / 1024, cpu]
}

function highest(read: Read): Read {
  let found = 0
  return () => (found = Math.max(found, read()))
}

function bytesIn(file: string): Read | null {
  return numberIn(file, MIB)
}

function numberIn(file: string, unit: number): Read | null {
  const read = () => Number(readFileSync(file, 'latin1')) / unit
  return works(read) ? read : null
}

function works(read: Read): boolean {
  try {
    return Number.isFinite(read())
  } catch {
    return false
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
