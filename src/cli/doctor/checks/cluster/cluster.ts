import type { ClusterProblem } from '../../../../runtime/drivers/kube/api-problem.ts'
import type { ClusterAddress, ClusterExaminer } from '../../../../runtime/drivers/kube/examine.ts'
import type { Check, Outcome } from '../../check.ts'
import { type Facts, fail, note, ok, type Verdict, warn } from '../../finding.ts'
import type { Surroundings } from '../../surroundings.ts'
import { namespaceCheck } from './namespace.ts'
import { permissionsCheck } from './permissions.ts'

/** A verdict that is a failure only where someone named the cluster. */
export type Bad = (summary: string, remedy: string, facts: Facts) => Verdict

/** Which cluster is used and why, and whether it answers; all else about it is looked at only then. */
export function clusterCheck({ env, home }: Surroundings): Check {
  let driver: typeof import('../../../../runtime/drivers/kube/examine.ts')
  let from: string | null = null
  let opened: Promise<ClusterExaminer> | null = null
  return {
    id: 'cluster',
    part: 'cluster',
    about: 'the cluster',
    late: (what) =>
      (from === '~/.kube/config' ? warn : fail)(
        what,
        'see whether it runs, and whether this machine reaches it',
      ),
    async load() {
      driver = await import('../../../../runtime/drivers/kube/examine.ts')
      from = driver.clusterSource({ env, home })
      if (from === null) return
      // The client is large: it is loaded before the clock starts.
      opened = driver.examineCluster({ env, home }, from)
      await opened.catch(() => undefined)
    },
    async run() {
      if (from === null || opened === null)
        return note('cluster: none is configured, so no function runs on Kubernetes', { configured: false })
      const bad: Bad = from === '~/.kube/config' ? warn : fail
      try {
        return await look(await opened, bad)
      } catch (error) {
        const facts = { configured: true, from }
        const said = (error as Error).message
        return bad(
          `cluster: the configuration by ${from} cannot be used: ${said}`,
          CONFIGURATION[from]!,
          facts,
        )
      }
    },
  }
}

const CONFIGURATION: Readonly<Record<string, string>> = {
  KUBECONFIG: 'correct KUBECONFIG, or unset it where no cluster is wanted',
  '~/.kube/config': 'mend or remove it, or set KUBECONFIG to another one',
  'in-cluster': 'give the pod a service account',
}

async function look(cluster: ClusterExaminer, bad: Bad): Promise<Verdict | Outcome> {
  const { address } = cluster
  const facts = { configured: true, ...address }
  const seen = `cluster: ${address.server}, by ${address.from}, context "${address.context}"`
  try {
    const version = await cluster.version()
    return {
      verdict: ok(`${seen}: Kubernetes ${version}`, { ...facts, version }),
      next: [namespaceCheck(cluster, bad), permissionsCheck(cluster, bad)],
    }
  } catch (error) {
    const problem = error as ClusterProblem
    return bad(`${seen}: ${problem.message}`, remedyOf(problem, address), {
      ...facts,
      status: problem.status,
      code: problem.code,
    })
  }
}

function remedyOf({ status, code }: ClusterProblem, address: ClusterAddress): string {
  if (status === 401) return `renew the credentials of user "${address.user}"`
  if (status === 403) return `allow user "${address.user}" to read the version of the cluster`
  if (/CERT|SIGN|ISSUER|ERR_TLS/.test(code ?? ''))
    return 'correct the certificate authority of the cluster in its configuration'
  if (address.server.startsWith('http:') && status === null && code === null)
    return 'use the https address of the cluster, or set insecure-skip-tls-verify where it has none'
  if (code === 'ENOENT') return `install the program that user "${address.user}" logs in with`
  return 'start the cluster, correct its address, or remove the configuration where no cluster is wanted'
}
