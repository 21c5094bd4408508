import type { ClusterProblem } from '../../../../runtime/drivers/kube/api-problem.ts'
import type { ClusterExaminer, Need } from '../../../../runtime/drivers/kube/examine.ts'
import type { Check } from '../../check.ts'
import { ok, warn } from '../../finding.ts'
import type { Bad } from './cluster.ts'
import { NEEDS, WISHES } from './needs.ts'

type Refused = Awaited<ReturnType<ClusterExaminer['refused']>>

/** Whether this user may do what functions on the cluster take. */
export function permissionsCheck(cluster: ClusterExaminer, bad: Bad): Check {
  const { namespace, user } = cluster.address
  return {
    id: 'cluster.permissions',
    part: 'cluster',
    about: `the permissions of user "${user}"`,
    late: (what) => warn(what, 'see whether the cluster is overloaded'),
    async run() {
      try {
        const [refused, unseen] = await Promise.all([cluster.refused(NEEDS), cluster.refused(WISHES)])
        const facts = { namespace, user, refused: byResource(refused), wished: byResource(unseen) }
        const remedy = `give the user a role in "${namespace}" with these verbs, by a RoleBinding`
        if (refused.length > 0)
          return bad(
            `permissions: user "${user}" lacks ${refused.length} of ${total(NEEDS)} in "${namespace}": ${listed(refused)}`,
            remedy,
            facts,
          )
        if (unseen.length > 0)
          return warn(`permissions: user "${user}" may not ${listed(unseen)}`, remedy, facts)
        return ok(`permissions: all ${total([...NEEDS, ...WISHES])} that are needed in "${namespace}"`, facts)
      } catch (error) {
        const { message, status } = error as ClusterProblem
        return bad(`permissions: they cannot be asked for: ${message}`, 'see the log of the API server', {
          status,
        })
      }
    },
  }
}

function total(needs: readonly Need[]): number {
  return needs.reduce((sum, { verbs }) => sum + verbs.length, 0)
}

function byResource(refused: Refused): Record<string, string[]> {
  const groups = Map.groupBy(refused, ({ group, resource }) =>
    group === '' ? resource : `${resource}.${group}`,
  )
  return Object.fromEntries([...groups].map(([resource, list]) => [resource, list.map(({ verb }) => verb)]))
}

function listed(refused: Refused): string {
  return Object.entries(byResource(refused))
    .map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`)
    .join('; ')
}
