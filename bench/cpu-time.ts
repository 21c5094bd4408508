import { readdir, readFile } from 'node:fs/promises'

/** Clock ticks per second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100

/** A process as /proc has it. */
export interface ProcessTime {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/**
 * The CPU time that a process and all below it have used so far, in seconds: a gateway that spreads its work over
 * processes must not look cheaper than one thread. Null where there is no /proc.
 */
export async function treeCpuSeconds(root: number): Promise<number | null> {
  const tree = await processTree(root)
  return tree.length === 0 ? null : tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_S
}

/** A process and all below it; empty where it does not run, or there is no /proc. */
export async function processTree(root: number): Promise<ProcessTime[]> {
  const names = await readdir('/proc').catch(() => [])
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readTime))
  const times = all.filter((time) => time !== null)
  const own = times.find(({ pid }) => pid === root)
  if (own === undefined) return []
  const tree = [own]
  for (const { pid } of tree) tree.push(...times.filter(({ parent }) => parent === pid))
  return tree
}

/** A process may end while it is read. */
async function readTime(pid: string): Promise<ProcessTime | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return text === null ? null : parseStat(text)
}

/** Reads a line of /proc/PID/stat; a program's name may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcessTime {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  }
}
