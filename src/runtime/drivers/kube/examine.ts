import { existsSync } from 'node:fs'
import * as path from 'node:path'
import type * as Kube from '@kubernetes/client-node'
import { problemOf } from './api-problem.ts'

/** Where the cluster is looked for. */
export interface ClusterOptions {
  /** KUBECONFIG, KUBE_NAMESPACE and what a pod is given. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home directory. */
  readonly home: string
}

/** Which cluster would be used, and why that one. */
export interface ClusterAddress {
  /** `KUBECONFIG`, `~/.kube/config` or `in-cluster`. */
  readonly from: string
  /** Someone named it, or this is a pod: then it is a mistake when it does not answer. */
  readonly explicit: boolean
  readonly server: string
  readonly context: string
  readonly user: string
  readonly namespace: string
}

/** A thing that is done to a kind of resource. */
export interface Need {
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
}

/** What is limited in a namespace. */
export interface NamespaceFacts {
  /** `privileged`, `baseline` or `restricted`; null where nothing is enforced. */
  readonly podSecurity: string | null
  readonly quotas: readonly {
    readonly name: string
    readonly resource: string
    readonly hard: string
    readonly used: string
  }[]
  readonly limitRanges: readonly string[]
}

/** Looks at a cluster and tells plain data; nothing of it is changed. What is refused or not there throws ClusterProblem. */
export interface ClusterExaminer {
  readonly address: ClusterAddress
  version(): Promise<string>
  /** What is limited in the namespace; what may not be read is left out. */
  namespace(): Promise<NamespaceFacts>
  /** Those of the needs that are not allowed, one a verb. */
  refused(needs: readonly Need[]): Promise<{ group: string; resource: string; verb: string }[]>
  /** The groups of its API, `metrics.k8s.io` among them where a metrics server runs. */
  groups(): Promise<string[]>
}

const POD_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'
const ENFORCED = 'pod-security.kubernetes.io/enforce'
/** Reviews that are under way at a time. */
const AT_ONCE = 8

/** What names a cluster here, by the rules of its own client; null where nothing does. */
export function clusterSource({ env, home }: ClusterOptions): ClusterAddress['from'] | null {
  if (env.KUBECONFIG) return 'KUBECONFIG'
  if (existsSync(path.join(home, '.kube/config'))) return '~/.kube/config'
  return env.KUBERNETES_SERVICE_HOST && existsSync(POD_TOKEN) ? 'in-cluster' : null
}

/**
 * Reads the configuration of the client; nothing is asked yet.
 * @throws ClusterProblem when it cannot be read or names no cluster
 */
export async function examineCluster(options: ClusterOptions, from: string): Promise<ClusterExaminer> {
  const kube = await import('@kubernetes/client-node')
  try {
    const config = load(kube, options, from)
    const address = addressOf(config, options, from)
    return examiner(kube, config, address)
  } catch (error) {
    throw problemOf(error)
  }
}

function load(kube: typeof Kube, { env, home }: ClusterOptions, from: string): Kube.KubeConfig {
  const config = new kube.KubeConfig()
  if (from === 'in-cluster') config.loadFromCluster()
  else if (from === '~/.kube/config') config.loadFromFile(path.join(home, '.kube/config'))
  else {
    const files = (env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== '')
    for (const [index, file] of files.entries()) {
      const one = index === 0 ? config : new kube.KubeConfig()
      one.loadFromFile(file)
      if (one !== config) config.mergeConfig(one)
    }
  }
  return config
}

function addressOf(config: Kube.KubeConfig, { env }: ClusterOptions, from: string): ClusterAddress {
  const context = config.getContextObject(config.getCurrentContext())
  const cluster = config.getCurrentCluster()
  if (cluster === null)
    throw new Error(`its current context "${config.getCurrentContext()}" names no cluster`)
  return {
    from,
    explicit: from !== '~/.kube/config',
    server: cluster.server,
    context: config.getCurrentContext(),
    user: context?.user ?? '',
    namespace: env.KUBE_NAMESPACE || context?.namespace || 'default',
  }
}

function examiner(kube: typeof Kube, config: Kube.KubeConfig, address: ClusterAddress): ClusterExaminer {
  const { namespace } = address
  const core = config.makeApiClient(kube.CoreV1Api)
  const authorization = config.makeApiClient(kube.AuthorizationV1Api)
  return {
    address,
    version: () => asked(async () => (await config.makeApiClient(kube.VersionApi).getCode()).gitVersion),
    namespace: () =>
      asked(async () => {
        const found = await core.readNamespace({ name: namespace })
        const [quotas, ranges] = await Promise.all([
          core.listNamespacedResourceQuota({ namespace }).then(quotasOf, () => []),
          core.listNamespacedLimitRange({ namespace }).then(namesOf, () => []),
        ])
        return { podSecurity: found.metadata?.labels?.[ENFORCED] ?? null, quotas, limitRanges: ranges }
      }),
    refused: (needs) =>
      asked(async () => {
        const asks = needs.flatMap(({ group, resource, verbs }) =>
          verbs.map((verb) => ({ group, resource, verb })),
        )
        const allowed = await inTurn(asks, (ask) => review(authorization, namespace, ask))
        return asks.filter((_, index) => !allowed[index])
      }),
    groups: () =>
      asked(async () =>
        (await config.makeApiClient(kube.ApisApi).getAPIVersions()).groups.map(({ name }) => name),
      ),
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw problemOf(error)
  }
}

async function review(
  api: Kube.AuthorizationV1Api,
  namespace: string,
  ask: { readonly group: string; readonly resource: string; readonly verb: string },
): Promise<boolean> {
  const [resource, subresource] = ask.resource.split('/')
  const { status } = await api.createSelfSubjectAccessReview({
    body: {
      spec: {
        resourceAttributes: {
          namespace,
          verb: ask.verb,
          group: ask.group,
          resource: resource!,
          ...(subresource === undefined ? {} : { subresource }),
        },
      },
    },
  })
  return status?.allowed === true
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return results
}

function quotasOf({ items }: Kube.V1ResourceQuotaList): NamespaceFacts['quotas'] {
  return items.flatMap(({ metadata, status }) =>
    Object.entries(status?.hard ?? {}).map(([resource, hard]) => ({
      name: metadata?.name ?? '',
      resource,
      hard,
      used: status?.used?.[resource] ?? '0',
    })),
  )
}

function namesOf({ items }: Kube.V1LimitRangeList): string[] {
  return items.flatMap(({ metadata }) => metadata?.name ?? [])
}
