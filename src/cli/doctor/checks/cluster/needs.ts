import type { Need } from '../../../../runtime/drivers/kube/examine.ts'

const ALL = ['create', 'get', 'list', 'watch', 'delete'] as const
const CHANGING = [...ALL, 'patch'] as const

/** What functions on a cluster take, in their namespace. */
export const NEEDS: readonly Need[] = [
  { group: '', resource: 'pods', verbs: ALL },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'services', verbs: CHANGING },
  { group: '', resource: 'configmaps', verbs: CHANGING },
  { group: '', resource: 'secrets', verbs: CHANGING },
  { group: 'apps', resource: 'deployments', verbs: CHANGING },
  { group: 'batch', resource: 'jobs', verbs: ALL },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: CHANGING },
]

/** Without these it works, but says less of what went wrong. */
export const WISHES: readonly Need[] = [{ group: '', resource: 'events', verbs: ['list', 'watch'] }]
