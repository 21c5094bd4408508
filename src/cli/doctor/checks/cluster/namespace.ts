import type { ClusterProblem } from '../../../../runtime/drivers/kube/api-problem.ts'
import type { ClusterExaminer, NamespaceFacts } from '../../../../runtime/drivers/kube/examine.ts'
import type { Check, Outcome } from '../../check.ts'
import { type Facts, note, ok, type Verdict, warn } from '../../finding.ts'
import type { Bad } from './cluster.ts'

/** Whether the namespace is there, and what it lets pods be. */
export function namespaceCheck(cluster: ClusterExaminer, bad: Bad): Check {
  const name = cluster.address.namespace
  return {
    id: 'cluster.namespace',
    part: 'cluster',
    about: `the namespace "${name}"`,
    late: (what) => warn(what, 'see whether the cluster is overloaded'),
    async run() {
      try {
        return there(name, await cluster.namespace(), await cluster.groups())
      } catch (error) {
        return missing(name, error as ClusterProblem, bad)
      }
    },
  }
}

function missing(name: string, { status, message }: ClusterProblem, bad: Bad): Verdict {
  const facts = { namespace: name, exists: status === 404 ? false : null }
  if (status === 404)
    return bad(
      `namespace: "${name}" is not there`,
      `kubectl create namespace ${name}, or set KUBE_NAMESPACE to one that is there`,
      facts,
    )
  if (status === 403)
    return note(
      `namespace: "${name}" may not be looked at by this user`,
      facts,
      `allow it to get namespace "${name}" where this should be checked`,
    )
  return bad(`namespace: "${name}" cannot be looked at: ${message}`, 'see the log of the API server', facts)
}

function there(name: string, namespace: NamespaceFacts, groups: readonly string[]): Outcome {
  const { podSecurity, quotas, limitRanges } = namespace
  const facts: Facts = {
    namespace: name,
    exists: true,
    pod_security: podSecurity,
    quotas: quotas.map((quota) => ({ ...quota })),
    limit_ranges: limitRanges,
    metrics: groups.includes('metrics.k8s.io'),
  }
  const beside: Record<string, Verdict> = {}
  const full = quotas.filter(({ hard, used }) => hard === used)
  if (full.length > 0)
    beside.quota = warn(
      `namespace: ${full.map((quota) => `quota "${quota.name}" allows ${quota.hard} of ${quota.resource}`).join(', ')}, all of it used`,
      'raise the quota, or remove what is not needed',
      { full: full.map((quota) => ({ ...quota })) },
    )
  if (!groups.includes('metrics.k8s.io'))
    beside.metrics = note(
      'namespace: the cluster has no metrics server, so autoscalers see no load',
      {},
      'install metrics-server where functions should scale by CPU',
    )
  const security = podSecurity === null ? 'no pod security is enforced' : `pod security "${podSecurity}"`
  const limits = [
    quotas.length === 0 ? '' : `, ${quotas.length} limits by quota`,
    limitRanges.length === 0 ? '' : `, limit ranges ${limitRanges.join(', ')}`,
  ].join('')
  return { verdict: ok(`namespace: "${name}" is there, ${security}${limits}`, facts), beside }
}
