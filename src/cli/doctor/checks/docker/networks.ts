import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { EngineInfo } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import type { Check } from '../../check.ts'
import { ok, warn } from '../../finding.ts'
import { count } from '../../units.ts'

/** What an engine without pools of its own can make: sixteen-bit networks of 172.17 to 172.31, then 192.168 in twenties. */
const DEFAULT_CAPACITY = 31
const FEW = 2

/** The networks, and whether there are addresses for another one. */
export function networksCheck(engine: EngineExaminer, info: () => Promise<EngineInfo>): Check {
  return {
    id: 'docker.networks',
    part: 'docker',
    about: 'the networks of the engine',
    late: (what) => warn(what, 'see the log of the engine'),
    async run() {
      const [networks, { pools }] = await Promise.all([engine.networks(), info()])
      const taken = networks.filter(({ subnets }) => subnets.some((subnet) => !subnet.includes(':'))).length
      const ours = networks.filter(({ gateway }) => gateway !== null)
      const capacity =
        pools.length === 0 ? DEFAULT_CAPACITY : pools.reduce((sum, pool) => sum + sizeOf(pool), 0)
      const facts = {
        networks: networks.map(({ name, driver, subnets, gateway }) => ({ name, driver, subnets, gateway })),
        pools: pools.map(({ base, size }) => ({ base, size })),
        capacity,
      }
      const seen = `networks: ${taken} of about ${count(capacity, 'possible one')} taken, ${ours.length} by gateways`
      return capacity - taken > FEW
        ? ok(seen, facts)
        : warn(
            seen,
            'remove what nothing uses with "docker network prune", or give the engine more default-address-pools',
            facts,
          )
    },
  }
}

/** How many subnets a pool is cut into. */
function sizeOf({ base, size }: { readonly base: string; readonly size: number }): number {
  return base.includes(':') ? 0 : 2 ** Math.max(0, size - Number(base.split('/')[1]))
}
