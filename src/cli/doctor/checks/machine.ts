import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { cgroupLimits } from '../cgroup.ts'
import type { Check } from '../check.ts'
import { note, ok, type Verdict, warn } from '../finding.ts'
import { runProgram } from '../run-program.ts'
import type { Surroundings } from '../surroundings.ts'
import { bytes, count } from '../units.ts'

const MB = 1_048_576
/** The gateway, its hosts and a few functions. */
const LITTLE_MEMORY = 512 * MB
/** Each call, each host and each container holds some. */
const FEW_FILES = 4096
const FEW_PIDS = 256

/** The memory, the processors and the open files that this process may use. */
export function machineChecks({ config, machine, problems }: Surroundings): Check[] {
  const part = 'machine'
  const late = (what: string): Verdict => note(what)
  const limits = cgroupLimits()
  return [
    {
      id: 'machine.memory',
      part,
      about: 'the memory',
      late,
      async run() {
        const { memory, memoryUsed, version } = await limits
        const budget = problems.FAAS_ISOLATE_MEMORY_MB === undefined ? config.isolateMemoryMb * MB : 0
        const total = Math.min(machine.memoryMb * MB, memory ?? Number.POSITIVE_INFINITY)
        const free = memory === null ? freemem() : Math.min(memory - (memoryUsed ?? 0), freemem())
        const facts = {
          total_bytes: total,
          free_bytes: free,
          machine_bytes: machine.memoryMb * MB,
          cgroup_version: version,
          cgroup_limit_bytes: memory,
          isolate_budget_bytes: budget,
        }
        const limited = memory === null ? '' : ` (limited by the control group)`
        const seen = `memory: ${bytes(total)}${limited}, ${bytes(free)} free`
        if (budget >= total)
          return warn(
            `${seen}, but isolates may take ${bytes(budget)}`,
            `set FAAS_ISOLATE_MEMORY_MB to ${Math.floor(total / MB / 2)}, half of what there is`,
            facts,
          )
        if (total < LITTLE_MEMORY)
          return warn(seen, `give the gateway ${bytes(LITTLE_MEMORY)} or more`, facts)
        return ok(`${seen}, ${bytes(budget)} of it for isolates`, facts)
      },
    },
    {
      id: 'machine.cpu',
      part,
      about: 'the processors',
      late,
      async run() {
        const { cpus, pids } = await limits
        const facts = { cores: machine.cores, cgroup_cpus: cpus, cgroup_pids: pids }
        const usable = Math.min(machine.cores, cpus ?? machine.cores)
        const seen = `processors: ${count(machine.cores, 'core')}${cpus === null ? '' : `, of which the control group allows ${cpus}`}`
        if (pids !== null && pids < FEW_PIDS)
          return warn(
            `${seen}; at most ${count(pids, 'process')}`.replace(/processs$/, 'processes'),
            `raise the limit of processes and threads to ${FEW_PIDS} or more`,
            facts,
          )
        if (config.isolateHosts > Math.ceil(usable) * 4)
          return warn(
            `${seen}, but FAAS_ISOLATE_HOSTS is ${config.isolateHosts}`,
            `set FAAS_ISOLATE_HOSTS to ${Math.ceil(usable)}, one for each`,
            facts,
          )
        return ok(`${seen}, ${count(config.isolateHosts, 'host')} of isolates`, facts)
      },
    },
    {
      id: 'machine.files',
      part,
      about: 'the limit of open files',
      late,
      async run(signal) {
        const limit = await openFiles(signal)
        if (limit === null) return note('open files: the limit cannot be read here')
        const facts = { limit: Number.isFinite(limit) ? limit : null }
        const seen = `open files: ${Number.isFinite(limit) ? `at most ${limit}` : 'without a limit'}`
        return limit >= FEW_FILES
          ? ok(seen, facts)
          : warn(seen, `raise it: ulimit -n ${FEW_FILES * 16}, or LimitNOFILE= of the service`, facts)
      },
    },
  ]
}

/** Of this process, which may have raised its own; elsewhere than on Linux, of a shell that it starts. */
async function openFiles(signal: AbortSignal): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const own = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  const said = own ?? (await runProgram('sh', ['-c', 'ulimit -n'], { signal })).stdout.trim()
  if (said === 'unlimited') return Number.POSITIVE_INFINITY
  return /^\d+$/.test(said) ? Number(said) : null
}
