import { GatewayError } from '../../errors.ts'
import { buildEvents } from '../build-feed.ts'
import { buildSocket } from '../build-socket.ts'
import type { AppDeps } from '../deps.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { eventStream } from '../event-stream.ts'
import { CallbackView, DeployRequest } from '../schemas/callback.ts'
import { DeployMessageView, DeployQuery } from '../schemas/system.ts'
import { viewOf } from './callback-view.ts'
import { existing } from './callbacks.ts'

const tag = 'deploy'

/** Deploying, and watching it. */
export function deployEndpoints(deps: AppDeps): Endpoint[] {
  return [deploy(deps), events(deps), socket(deps)]
}

function deploy({ deployer, store }: AppDeps): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/deploy',
    aliases: ['/callback/deploy'],
    name: 'deploy',
    tag,
    summary: 'Deploy or undeploy a callback',
    description:
      'The build goes on in the background: the answer says `build`. With `?wait=SECONDS` it comes when the ' +
      'build has ended, or with `build` when it has not by then.',
    query: DeployQuery,
    body: DeployRequest,
    answer: { schema: CallbackView, about: 'The callback' },
    errors: ['not_found', 'build_running', 'runtime_unavailable'],
    async handle({ query, body }) {
      const { callback_id, status, c_type } = body
      if (!status) return viewOf(await deployer.undeploy(callback_id))
      const callback = await deployer.deploy(callback_id, c_type)
      if (query.wait === undefined) return viewOf(callback)
      await deployer.settled(callback_id, query.wait * 1000)
      return viewOf(await existing(store, callback_id, 'answer for the deploy'))
    },
  })
}

function events(deps: AppDeps): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/deploy/events',
    name: 'deployEvents',
    tag,
    summary: 'Watch builds as server-sent events',
    description: 'Each event is one message as JSON, of every callback.',
    answer: { contentType: 'text/event-stream', about: 'A stream of messages, see DeployMessage' },
    errors: [],
    handle: ({ c }) => eventStream(c, deps, () => buildEvents(deps.feed)),
  })
}

function socket(deps: AppDeps): Endpoint {
  const upgrade = deps.upgradeWebSocket(() => buildSocket(deps))
  return endpoint({
    method: 'GET',
    path: '/deploy/ws',
    name: 'deploySocket',
    tag,
    summary: 'Watch builds over a WebSocket',
    description:
      'Each message is one JSON text, of every callback. A browser, which cannot set `authorization` here, ' +
      'offers the subprotocols `bearer` and the token, or the token in base64url.',
    answer: { schema: DeployMessageView, about: 'What each message of the socket is' },
    errors: ['malformed_request'],
    async handle({ c }) {
      if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') throw notASocket()
      const answer = await upgrade(c, async () => {})
      if (answer instanceof Response) return answer
      throw notASocket()
    },
  })
}

function notASocket(): GatewayError {
  return new GatewayError(
    'malformed_request',
    'Cannot open a WebSocket: the request has no "upgrade: websocket"; over plain HTTP GET /deploy/events sends the same',
  )
}
