import type { EngineInfo } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import type { Check } from '../../check.ts'
import { type Facts, fail, note, ok, type Verdict, warn } from '../../finding.ts'
import { bytes, count } from '../../units.ts'

const CGROUPS =
  'boot with systemd and cgroup version 2, or with cgroup_enable=memory swapaccount=1 on the command line of the kernel'

/** What containers can be limited in, and the warnings of the engine itself. */
export function limitsCheck(info: () => Promise<EngineInfo>): Check {
  return {
    id: 'docker.limits',
    part: 'docker',
    about: 'what the engine says of itself',
    late: (what) => warn(what, 'see the log of the engine'),
    async run() {
      const seen = await info()
      const others = seen.warnings.filter((warning) => !/limit support|cfs|blkio/i.test(warning))
      const open = others.filter((warning) => /without encryption/i.test(warning))
      const beside: Record<string, Verdict> = {}
      if (open.length > 0)
        beside.open = warn(
          `limits: the engine takes commands from the network without encryption`,
          'turn its TCP port off, or guard it with TLS: whoever reaches it owns its machine',
          { said: open },
        )
      const rest = others.filter((warning) => !open.includes(warning))
      if (rest.length > 0)
        beside.warnings = note(`limits: the engine warns: ${rest.join('; ')}`, { said: rest })
      return { verdict: limits(seen), beside }
    },
  }
}

function limits(info: EngineInfo): Verdict {
  const facts: Facts = {
    cgroup_version: info.cgroupVersion,
    cgroup_driver: info.cgroupDriver,
    memory: info.memoryLimit,
    swap: info.swapLimit,
    pids: info.pidsLimit,
    cpu: info.cpuLimit,
    rootless: info.rootless,
    user_namespaces: info.userNamespaces,
    seccomp: info.seccomp,
    cores: info.cores,
    memory_bytes: info.memoryBytes,
  }
  const kind = [info.rootless ? 'rootless' : '', info.userNamespaces ? 'user namespaces' : '']
  const seen = `limits: cgroup version ${info.cgroupVersion}${kind.map((word) => (word === '' ? '' : `, ${word}`)).join('')}`
  if (!info.memoryLimit)
    return fail(
      `${seen}: the memory of containers cannot be limited`,
      info.rootless ? 'use cgroup version 2 and delegate the memory controller to the user' : CGROUPS,
      facts,
    )
  const lacking = [
    info.swapLimit ? '' : 'swap',
    info.pidsLimit ? '' : 'processes',
    info.cpuLimit ? '' : 'CPU',
  ].filter((word) => word !== '')
  if (lacking.length > 0)
    return warn(`${seen}: ${lacking.join(' and ')} of containers cannot be limited`, CGROUPS, facts)
  if (!info.seccomp)
    return warn(
      `${seen}: no seccomp filter`,
      'use a kernel and an engine with seccomp: it shuts off most system calls',
      facts,
    )
  return ok(
    `${seen}; memory, swap, processes and CPU can be limited; ${count(info.cores, 'core')}, ${bytes(info.memoryBytes)}`,
    facts,
  )
}
