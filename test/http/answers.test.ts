import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import type { Endpoint } from '../../src/http/endpoint.ts'
import { callbackEndpoints } from '../../src/http/routes/callbacks.ts'
import { chatroomEndpoints } from '../../src/http/routes/chatrooms.ts'
import { deployEndpoints } from '../../src/http/routes/deploy.ts'
import { docsEndpoints } from '../../src/http/routes/docs.ts'
import { healthEndpoints } from '../../src/http/routes/health.ts'
import { logEndpoints } from '../../src/http/routes/logs.ts'
import { recordEndpoints } from '../../src/http/routes/records.ts'
import { HELLO, httpApp } from '../support/http-app.ts'

const test = suite('answers and their schemas')

const BODIES: Record<string, unknown> = {
  createChatroom: { title: 'x' },
  updateChatroom: { title: 'y' },
  addChat: { role: 'user', content: 'z' },
  createCallback: {
    ...HELLO,
    path: 'other',
    env: { A: 'b' },
    limits: { cpu_ms: 5 },
    library: '{}',
    chat_id: 1,
  },
  updateCallback: { response_mode: 'envelope' },
  deploy: { callback_id: 1003, status: true },
}
/** These end what the others need. */
const LAST = ['deploy', 'deleteChatroom', 'deleteCallback']
/** An upgrade and an endless stream are no answers to compare. */
const LIVE = ['deploySocket', 'deployEvents']

test('every endpoint answers what it declares, under every name it has', async () => {
  await using app = await httpApp()
  await app.ask('POST', '/chatroom', { title: 'first' })
  await app.ask('POST', '/callbacks', HELLO)
  await app.ask('POST', '/deploy', { callback_id: 1003, status: true })
  await app.deployer.finish(1003)
  const groups = [
    callbackEndpoints,
    chatroomEndpoints,
    deployEndpoints,
    healthEndpoints,
    logEndpoints,
    recordEndpoints,
  ]
  const endpoints: Endpoint[] = groups.flatMap((group) => group(app.deps))
  endpoints.push(...docsEndpoints(app.deps, () => endpoints))
  const rank = ({ name }: Endpoint) => LAST.indexOf(name)
  for (const endpoint of endpoints
    .filter(({ name }) => !LIVE.includes(name))
    .sort((a, b) => rank(a) - rank(b))) {
    for (const path of [endpoint.path, ...(endpoint.aliases ?? [])]) {
      const row = path.startsWith('/callbacks/') ? '1003' : '1'
      const address = path.replace('{id}', row).replace('{version}', '1')
      const { status, headers, body } = await app.ask(endpoint.method, address, BODIES[endpoint.name])
      assert.is(status, 200, `${endpoint.method} ${address}: ${JSON.stringify(body)}`)
      if (endpoint.name === 'deploy') await app.deployer.finish(1003)
      if ('schema' in endpoint.answer) v.parse(endpoint.answer.schema, body)
      else assert.is(headers.get('content-type')?.toLowerCase(), endpoint.answer.contentType.toLowerCase())
      assert.ok(headers.has('x-request-id'), endpoint.name)
      assert.is(headers.get('cache-control'), 'no-store')
    }
  }
})

test.run()
