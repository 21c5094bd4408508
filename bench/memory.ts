import { readFile } from 'node:fs/promises'
import { processTree } from './cpu-time.ts'

const KIB = 1024
export const MIB = 1_048_576

/** Resident memory of a process and of all below it, in bytes, each with its own. Null where there is no /proc. */
export async function treeMemory(root: number): Promise<number | null> {
  const tree = await processTree(root)
  if (tree.length === 0) return null
  const sizes = await Promise.all(tree.map(({ pid }) => residentBytes(pid)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** 0 for a process that has ended. */
async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return parseResident(text)
}

/** Reads `VmRSS` from a /proc/PID/status. */
export function parseResident(text: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * KIB
}
