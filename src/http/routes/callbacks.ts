import * as v from 'valibot'
import type { Callback, CallbackInput } from '../../domain/callback.ts'
import { GatewayError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { CallbackCreate, CallbackDetail, CallbackUpdate, CallbackView } from '../schemas/callback.ts'
import { MessageView } from '../schemas/system.ts'
import { checkedLibrary, refusedWrite, unmasked } from './callback-rules.ts'
import { viewOf } from './callback-view.ts'

const tag = 'callbacks'

/** Registered functions. */
export function callbackEndpoints(deps: AppDeps): Endpoint[] {
  return [create(deps), list(deps), read(deps), update(deps), remove(deps)]
}

/** The callback of that id. @throws GatewayError not_found */
export async function existing({ callbacks }: Store, id: number, action: string): Promise<Callback> {
  const callback = await callbacks.get(id)
  if (callback !== null) return callback
  throw new GatewayError('not_found', `Cannot ${action}: callback ${id} does not exist`)
}

function create({ store }: AppDeps): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/callbacks',
    name: 'createCallback',
    tag,
    summary: 'Register a callback',
    description: 'It serves nothing until it is deployed.',
    body: CallbackCreate,
    answer: { schema: CallbackView, about: 'The callback' },
    errors: ['not_found', 'path_taken'],
    async handle({ body }) {
      const action = 'register a callback'
      const input: CallbackInput = {
        ...body,
        env: unmasked(action, body.env, {}),
        library: checkedLibrary(action, body.type, body.library),
      }
      return viewOf(await store.callbacks.create(input).catch(refusedWrite(action, input)))
    },
  })
}

function list({ store }: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/callbacks',
    name: 'listCallbacks',
    tag,
    summary: 'List the callbacks',
    answer: { schema: v.array(CallbackView), about: 'In order of id, without code' },
    errors: [],
    handle: async () => (await store.callbacks.list()).map(viewOf),
  })
}

function read({ store }: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/callbacks/{id}',
    name: 'getCallback',
    tag,
    summary: 'Read a callback',
    answer: { schema: CallbackDetail, about: 'The callback, with its code' },
    errors: ['not_found'],
    async handle({ id }) {
      const callback = await existing(store, id('id'), 'read a callback')
      return { ...viewOf(callback), code: callback.code }
    },
  })
}

function update({ store }: AppDeps): Endpoint {
  return endpoint({
    method: 'PUT',
    path: '/callbacks/{id}',
    name: 'updateCallback',
    tag,
    summary: 'Update a callback',
    description: 'What is left out stays as it is. What is deployed keeps serving until the next deploy.',
    body: CallbackUpdate,
    answer: { schema: CallbackView, about: 'The callback' },
    errors: ['not_found', 'path_taken'],
    async handle({ id, body }) {
      const action = `update callback ${id('id')}`
      const stored = await existing(store, id('id'), action)
      const merged = { ...stored, ...body }
      const touchesLibrary = body.library !== undefined || body.type !== undefined
      const patch: Partial<CallbackInput> = {
        ...body,
        ...(body.env === undefined ? {} : { env: unmasked(action, body.env, stored.env) }),
        ...(touchesLibrary ? { library: checkedLibrary(action, merged.type, merged.library) } : {}),
      }
      return viewOf(await store.callbacks.update(id('id'), patch).catch(refusedWrite(action, merged)))
    },
  })
}

function remove({ deployer }: AppDeps): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: '/callbacks/{id}',
    name: 'deleteCallback',
    tag,
    summary: 'Delete a callback',
    description: 'With everything it runs and every record of it.',
    answer: { schema: MessageView, about: 'What was deleted' },
    errors: ['not_found', 'delete_while_building'],
    async handle({ id }) {
      await deployer.remove(id('id'))
      return { message: `callback ${id('id')} is deleted` }
    },
  })
}
