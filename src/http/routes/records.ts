import * as v from 'valibot'
import type { DeploymentRecord } from '../../domain/deployment.ts'
import { GatewayError } from '../../errors.ts'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { DeploymentView, InstancesView, InvocationView, ListQuery } from '../schemas/records.ts'
import { existing } from './callbacks.ts'

const tag = 'records'

/** What became of a callback: its versions, its calls, its instances. */
export function recordEndpoints(deps: AppDeps): Endpoint[] {
  return [deployments(deps), buildLog(deps), invocations(deps), instances(deps)]
}

function deployments({ store }: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/callbacks/{id}/deployments',
    name: 'listDeployments',
    tag,
    summary: 'List the deployments of a callback',
    answer: { schema: v.array(DeploymentView), about: 'Newest first' },
    errors: ['not_found'],
    async handle({ id }) {
      await existing(store, id('id'), 'list its deployments')
      return (await store.deployments.list(id('id'))).map(deploymentView)
    },
  })
}

function buildLog({ store }: AppDeps): Endpoint {
  const contentType = 'text/plain; charset=utf-8'
  return endpoint({
    method: 'GET',
    path: '/callbacks/{id}/deployments/{version}/log',
    name: 'getBuildLog',
    tag,
    summary: 'Read the log of a build',
    answer: { contentType, about: 'One line after the other' },
    errors: ['not_found'],
    async handle({ c, id }) {
      const lines = await store.deployments.log(id('id'), id('version'))
      if (lines !== null) {
        return c.body(lines.map((line) => `${line}\n`).join(''), 200, { 'content-type': contentType })
      }
      throw new GatewayError(
        'not_found',
        `Cannot read the log of a build: callback ${id('id')} has no version ${id('version')}`,
      )
    },
  })
}

function invocations({ store, observer }: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/callbacks/{id}/invocations',
    name: 'listInvocations',
    tag,
    summary: 'List recent calls of a callback',
    query: ListQuery,
    answer: { schema: v.array(InvocationView), about: 'Newest first' },
    errors: ['not_found'],
    async handle({ id, query }) {
      await existing(store, id('id'), 'list its calls')
      await observer.flush()
      return store.records.invocations(id('id'), query.limit)
    },
  })
}

function instances(deps: AppDeps): Endpoint {
  const { store, observer } = deps
  return endpoint({
    method: 'GET',
    path: '/callbacks/{id}/instances',
    name: 'listInstances',
    tag,
    summary: 'List the instances of a callback',
    query: ListQuery,
    answer: { schema: InstancesView, about: 'Those that live on this gateway, and those that have ended' },
    errors: ['not_found'],
    async handle({ id, query }) {
      await existing(store, id('id'), 'list its instances')
      await observer.flush()
      const ended = await store.records.exits(id('id'), query.limit)
      return { instances: deps.instances(id('id')), ended }
    },
  })
}

function deploymentView(record: DeploymentRecord): v.InferOutput<typeof DeploymentView> {
  const { callback_id, version, runtime, status, step, error, timings, created_at, finished_at } = record
  const log = `/callbacks/${callback_id}/deployments/${version}/log`
  return { callback_id, version, runtime, status, step, error, timings, log, created_at, finished_at }
}
