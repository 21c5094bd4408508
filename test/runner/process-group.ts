import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20

/** Kills a process group; one that is gone is no error. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until a group has no live member. @returns what still lives after `ms`, a line each */
export async function waitUntilGone(group: number, ms: number): Promise<string[]> {
  const end = performance.now() + ms
  for (;;) {
    const members = membersOf(group)
    if (members.length === 0 || performance.now() > end) return members
    await delay(POLL_MS)
  }
}

/** The live members of a group. Where there is no /proc to ask, only whether there are any. */
function membersOf(group: number): string[] {
  if (process.platform !== 'linux') return isAlive(group) ? [`process group ${group}`] : []
  const members: string[] = []
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      // pid (name) state ppid pgrp …; the name may hold anything, the last parenthesis ends it.
      const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      if (Number(pgrp) !== group || state === 'Z' || state === 'X') continue
      members.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`)
    } catch {
      // It ended while we looked.
    }
  }
  return members
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}
