import { readdirSync, readFileSync } from 'node:fs'

/** A process as /proc shows it. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly rssMb: number
}

/** Whether processes can be looked at here. */
export const CAN_LOOK = process.platform === 'linux'

/** A process and everything that descends from it. */
export function familyOf(pid: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => read(Number(name)))
    .filter((found) => found !== null)
  const family = all.filter((one) => one.pid === pid)
  for (let index = 0; index < family.length; index++)
    family.push(...all.filter((one) => one.parent === family[index]!.pid))
  return family
}

/** Whether a process still runs; one that only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function read(pid: number): Process | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return { pid, parent: number('PPid'), command, rssMb: number('VmRSS') / 1024 }
  } catch {
    return null
  }
}
