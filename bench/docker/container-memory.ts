import { readFile } from 'node:fs/promises'
import { docker } from './engine.ts'

/** Memory of one container as its control group counts it, in bytes. */
export interface ContainerMemory {
  /** All of it: what its processes hold, the page cache that is charged to it, the kernel's share. */
  readonly total: number
  /** What its processes hold of their own and could not give back: anonymous pages. */
  readonly anonymous: number
  /** As `docker stats` shows it: the total without page cache that nothing used of late. */
  readonly active: number
}

const ROOT = '/sys/fs/cgroup'

/** Reads it from the host's control groups, of either version. Null where the engine runs on another machine. */
export async function containerMemory(id: string): Promise<ContainerMemory | null> {
  const pid = await docker('inspect', '--format', '{{.State.Pid}}', id)
  try {
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8')
    if (!groups.includes(id)) return null
    return await readGroup(groups)
  } catch {
    return null
  }
}

async function readGroup(groups: string): Promise<ContainerMemory | null> {
  const first = /^\d+:memory:(.+)$/m.exec(groups)?.[1]
  const second = /^0::(.+)$/m.exec(groups)?.[1]
  const [folder, usage] =
    first === undefined
      ? [`${ROOT}${second ?? ''}`, 'memory.current']
      : [`${ROOT}/memory${first}`, 'memory.usage_in_bytes']
  const total = Number(await readFile(`${folder}/${usage}`, 'utf8'))
  return parseMemory(total, await readFile(`${folder}/memory.stat`, 'utf8'))
}

/** Reads a `memory.stat` of either version. */
export function parseMemory(total: number, stat: string): ContainerMemory {
  const values = new Map(stat.split('\n').map((line) => line.split(' ') as [string, string]))
  const value = (...names: string[]) =>
    Number(names.map((name) => values.get(name)).find((text) => text !== undefined) ?? 0)
  return {
    total,
    anonymous: value('total_rss', 'anon'),
    active: total - value('total_inactive_file', 'inactive_file'),
  }
}
