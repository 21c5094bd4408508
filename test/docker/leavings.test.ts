// @engine
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { endInPeace, startGateway, until } from './gateway.ts'
import { madeUpRegistry, needs, TELLS_VERSION } from './library.ts'

const suiteOf = suite('what undeployed and deleted functions leave')
const need = dockerNeed()
const test = needing(suiteOf, need)
const registry = need.missing === null ? await madeUpRegistry() : null
const gateway = registry === null ? null : await startGateway({ FAAS_NPM_REGISTRY: registry.url })
const PYTHON = 'def handler(event, context):\n    return "python"'
let volumes = ''

async function deployed(fields: Readonly<Record<string, unknown>>): Promise<number> {
  const { callback_id: id } = await gateway!.register(fields)
  await gateway!.deploy(id, 'docker')
  return id
}

/** Containers by the image that they run, and the names of images and networks. */
async function there(): Promise<string[]> {
  const filter = `label=faas.gateway=${gateway!.id}`
  const [containers, images, networks] = await Promise.all([
    docker('ps', '--all', '--filter', filter, '--format', '{{.Image}}'),
    docker('images', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}'),
    docker('network', 'ls', '--filter', filter, '--format', '{{.Name}}'),
  ])
  return [containers, images, networks]
    .flatMap((list) => list.split('\n'))
    .filter((line) => line !== '')
    .sort()
}

async function becomes(expected: readonly string[], what: string): Promise<void> {
  let last: string[] = []
  await until(
    async () => {
      last = await there()
      return JSON.stringify(last) === JSON.stringify(expected) ? true : undefined
    },
    () => `${what}: there are ${last.join(', ')}`,
  )
}

const network = `faas-${gateway?.id}`

function imagesOf(id: number, version: number): string[] {
  return [`callback_${id}:${version}`, `faas-${gateway!.id}/callback_${id}:${version}`]
}

suiteOf.before(async () => {
  if (gateway !== null) volumes = await docker('volume', 'ls', '-q')
})

test('a new version takes the image and the containers of the one before with it', async () => {
  const fields = { path: 'library', code: TELLS_VERSION, library: needs('1.0.0') }
  const id = await deployed(fields)
  assert.equal(await (await gateway!.call('library')).json(), { version: '1.0.0' })
  // One of the function's own, one that waits for the next function of its language.
  const first = imagesOf(id, 1)
  await becomes([...first, first[1]!, network, 'node:26-slim'].sort(), 'after the first deploy')
  await gateway!.api(`/callbacks/${id}`, { method: 'PUT', json: { library: needs('2.0.0') } })
  await gateway!.deploy(id, 'docker')
  assert.equal(await (await gateway!.call('library')).json(), { version: '2.0.0' })
  const second = imagesOf(id, 2)
  await becomes([...second, second[1]!, network, 'node:26-slim'].sort(), 'after the second deploy')
})

test('undeploying takes its image and container, and what waits for its language', async () => {
  const python = await deployed({ path: 'python', type: 'python', code: PYTHON })
  const list = (await (await gateway!.api('/callbacks')).json()) as { callback_id: number; path: string }[]
  const library = list.find(({ path }) => path === 'library')!.callback_id
  const answer = await gateway!.api('/deploy', {
    method: 'POST',
    json: { callback_id: library, status: false },
  })
  assert.is(answer.status, 200)
  await becomes([network, 'python:3-slim', 'python:3-slim'], 'with the Python function left')
  assert.is((await gateway!.call('library')).status, 404)
  assert.is((await gateway!.api(`/callbacks/${python}`, { method: 'DELETE' })).status, 200)
  await becomes([], 'with none left')
  // It can be deployed again, from nothing.
  await gateway!.deploy(library, 'docker')
  assert.equal(await (await gateway!.call('library')).json(), { version: '2.0.0' })
  assert.is((await gateway!.api(`/callbacks/${library}`, { method: 'DELETE' })).status, 200)
  await becomes([], 'after it was deleted')
})

test('deleting a chatroom takes its callback and all that that has', async () => {
  const created = await gateway!.api('/chatroom', { method: 'POST', json: { title: 'a room' } })
  const { chatroom_id: chatId } = (await created.json()) as { chatroom_id: number }
  const id = await deployed({ path: 'chat', code: TELLS_VERSION, library: needs('1.0.0'), chat_id: chatId })
  assert.equal(await (await gateway!.call('chat')).json(), { version: '1.0.0' })
  assert.is((await gateway!.api(`/chatroom/${chatId}`, { method: 'DELETE' })).status, 200)
  await becomes([], 'after the room')
  assert.is((await gateway!.api(`/callbacks/${id}`)).status, 404)
  assert.is((await gateway!.call('chat')).status, 404)
})

test('a call in flight is answered before its container goes', async () => {
  const code =
    'export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 1500)); return "late" }'
  const id = await deployed({ path: 'slow', code })
  const call = gateway!.call('slow')
  await until(async () => {
    const { instances } = (await (await gateway!.api(`/callbacks/${id}/instances`)).json()) as {
      instances: { in_flight: number }[]
    }
    return instances.some(({ in_flight }) => in_flight > 0) ? true : undefined
  }, 'the call to be under way')
  assert.is(
    (await gateway!.api('/deploy', { method: 'POST', json: { callback_id: id, status: false } })).status,
    200,
  )
  const answer = await call
  assert.is(answer.status, 200)
  assert.is(await answer.json(), 'late')
  await becomes([], 'after it')
  await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
})

test('no volume came of any of it', async () => {
  const known = new Set(volumes.split('\n'))
  const now = (await docker('volume', 'ls', '-q', '--filter', `label=faas.gateway=${gateway!.id}`)).split(
    '\n',
  )
  assert.equal(
    now.filter((name) => name !== '' && !known.has(name)),
    [],
  )
})

endInPeace(suiteOf, test, gateway)

suiteOf.after(async () => {
  await registry?.[Symbol.asyncDispose]()
})
suiteOf.run()
