import { readFile } from 'node:fs/promises'
import * as path from 'node:path'

/** What the control groups of this process allow; null where nothing is limited. */
export interface CgroupLimits {
  readonly version: 1 | 2 | null
  /** Bytes. */
  readonly memory: number | null
  readonly memoryUsed: number | null
  /** CPUs; a fraction is possible. */
  readonly cpus: number | null
  readonly pids: number | null
}

/** Version 1 writes "no limit" as a number near the largest. */
const NO_LIMIT = 2 ** 60
const NONE: CgroupLimits = { version: null, memory: null, memoryUsed: null, cpus: null, pids: null }

/** Where Linux keeps them. */
export interface CgroupPlaces {
  /** @default /sys/fs/cgroup */
  readonly mount?: string
  /** Names the groups of this process. @default /proc/self/cgroup */
  readonly own?: string
}

/** Reads the limits of this process, of version 1 or 2; the tightest on the way up counts. */
export async function cgroupLimits(from: CgroupPlaces = {}): Promise<CgroupLimits> {
  const { mount = '/sys/fs/cgroup', own: list = '/proc/self/cgroup' } = from
  const own = await readFile(list, 'utf8').catch(() => '')
  const places = new Map(
    own.split('\n').flatMap((line) => {
      const [, controllers, place] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      return controllers === undefined ? [] : controllers.split(',').map((name) => [name, place!] as const)
    }),
  )
  if (places.has('memory')) return versionOne(mount, places)
  return places.has('') ? versionTwo(mount, places.get('')!) : NONE
}

async function versionTwo(mount: string, place: string): Promise<CgroupLimits> {
  const smallest = (file: string, parse: Parse) => tightest(mount, place, file, parse)
  const [memory, cpus, pids] = await Promise.all([
    smallest('memory.max', number),
    smallest('cpu.max', (text) => {
      const [quota, period] = text.split(' ').map(Number)
      return Number.isFinite(quota) ? quota! / period! : null
    }),
    smallest('pids.max', number),
  ])
  const memoryUsed = await value(path.join(mount, place, 'memory.current'), number)
  return { version: 2, memory, memoryUsed, cpus, pids }
}

async function versionOne(mount: string, places: ReadonlyMap<string, string>): Promise<CgroupLimits> {
  const smallest = (controller: string, file: string, parse: Parse) =>
    tightest(path.join(mount, controller), places.get(controller) ?? '/', file, parse)
  const [memory, quota, period, pids] = await Promise.all([
    smallest('memory', 'memory.limit_in_bytes', number),
    smallest('cpu', 'cpu.cfs_quota_us', positive),
    smallest('cpu', 'cpu.cfs_period_us', positive),
    smallest('pids', 'pids.max', number),
  ])
  const usage = path.join(mount, 'memory', places.get('memory')!, 'memory.usage_in_bytes')
  const cpus = quota === null || period === null ? null : quota / period
  return { version: 1, memory, memoryUsed: await value(usage, number), cpus, pids }
}

type Parse = (text: string) => number | null

/** In a container the path of /proc is not below the mount: then the mount itself is this process's group. */
async function tightest(base: string, place: string, file: string, parse: Parse): Promise<number | null> {
  let least: number | null = null
  for (let at = place; ; at = path.dirname(at)) {
    const limit = await value(path.join(base, at, file), parse)
    if (limit !== null && (least === null || limit < least)) least = limit
    if (at === '/' || at === '.') return least
  }
}

async function value(file: string, parse: Parse): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  const found = text === null ? null : parse(text.trim())
  return found === null || !Number.isFinite(found) || found >= NO_LIMIT ? null : found
}

function number(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null
}

function positive(text: string): number | null {
  return Number(text) > 0 ? Number(text) : null
}
