// @engine
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { type DockerGateway, startGateway, stopped, until } from './gateway.ts'
import { madeUpRegistry, needs, TELLS_VERSION } from './library.ts'

const suiteOf = suite('builds that come to nothing')
const need = dockerNeed()
const test = needing(suiteOf, need)
const registry = need.missing === null ? await madeUpRegistry() : null
const hanging = need.missing === null ? await madeUpRegistry() : null
const MISSING = 'nowhere.invalid/none:1'
const BUILD_MS = 6000
const [gateway, slow] =
  registry === null
    ? [null, null]
    : await Promise.all([
        startGateway({ FAAS_NPM_REGISTRY: registry.url, FAAS_PYTHON_IMAGE: MISSING }),
        startGateway({ FAAS_NPM_REGISTRY: hanging!.url, FAAS_BUILD_TIMEOUT_MS: String(BUILD_MS) }),
      ])

interface Deployment {
  readonly status: string
  readonly step: string
  readonly error: { readonly code: string; readonly message: string }
}

async function newest(server: DockerGateway, id: number): Promise<Deployment> {
  return ((await (await server.api(`/callbacks/${id}/deployments`)).json()) as Deployment[])[0]!
}

/** Deploys what cannot be, and gives what is said of it. */
async function failed(server: DockerGateway, id: number): Promise<Deployment> {
  const json = { callback_id: id, status: true, c_type: 'docker' }
  const answer = await server.api('/deploy?wait=60', { method: 'POST', json })
  assert.is(((await answer.json()) as { status: string }).status, 'failed')
  return newest(server, id)
}

/** No container of a function or a build is left, nor an image or a network. */
async function clean(server: DockerGateway): Promise<void> {
  let parts: string[] = []
  await until(
    async () => {
      parts = await server.parts()
      return parts.length === 0 ? true : undefined
    },
    () => `nothing to be left: ${parts.join(', ')}`,
  )
}

test('an image that is missing and cannot be pulled is named, with the setting', async () => {
  const code = 'def handler(event, context):\n    return 1'
  const { callback_id: id } = await gateway!.register({ path: 'no-image', type: 'python', code })
  const { error } = await failed(gateway!, id)
  assert.match(error.message, `no image "${MISSING}"`)
  assert.match(error.message, 'docker pull')
  assert.match(error.message, 'FAAS_PYTHON_IMAGE')
  await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
})

test('a package that there is not fails the build with the words of npm, and what served before serves on', async () => {
  const fields = { path: 'served', code: TELLS_VERSION, library: needs('1.0.0') }
  const { callback_id: id } = await gateway!.register(fields)
  await gateway!.deploy(id, 'docker')
  const library = JSON.stringify({ dependencies: { 'made-up': '1.0.0', 'no-such-package': '1.0.0' } })
  await gateway!.api(`/callbacks/${id}`, { method: 'PUT', json: { library } })
  const { error, step } = await failed(gateway!, id)
  assert.match(error.message, 'no-such-package')
  assert.ok(['install', 'bundle'].includes(step), step)
  const log = await (await gateway!.api(`/callbacks/${id}/deployments/2/log`)).text()
  assert.match(log, /npm .*404/)
  assert.equal(await (await gateway!.call('served')).json(), { version: '1.0.0' })
  const images = (await gateway!.parts()).filter((line) => line.startsWith('image ')).sort()
  assert.equal(images, [`image callback_${id}:1`, `image faas-${gateway!.id}/callback_${id}:1`])
  await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
  await clean(gateway!)
})

test('a build that takes too long is ended, and says so', async () => {
  hanging!.hang()
  const { callback_id: id } = await slow!.register({
    path: 'slow',
    code: TELLS_VERSION,
    library: needs('1.0.0'),
  })
  const began = performance.now()
  const { error } = await failed(slow!, id)
  assert.ok(performance.now() - began < BUILD_MS + 5000)
  assert.match(error.message, /6000 ms|6 s/)
  assert.match(error.message, 'FAAS_BUILD_TIMEOUT_MS')
  await clean(slow!)
  await slow!.api(`/callbacks/${id}`, { method: 'DELETE' })
})

test('a chatroom that is deleted while its callback is built ends the build', async () => {
  const created = await slow!.api('/chatroom', { method: 'POST', json: { title: 'a room' } })
  const { chatroom_id: chatId } = (await created.json()) as { chatroom_id: number }
  const fields = { path: 'chat', code: TELLS_VERSION, library: needs('2.0.0'), chat_id: chatId }
  const { callback_id: id } = await slow!.register(fields)
  await slow!.api('/deploy', { method: 'POST', json: { callback_id: id, status: true, c_type: 'docker' } })
  await until(
    async () =>
      (await slow!.containers('build')).some(({ state }) => state === 'running') ? true : undefined,
    'the installation to be under way',
  )
  assert.is(
    (await slow!.api(`/callbacks/${id}`, { method: 'DELETE' })).status,
    400,
    'alone it cannot be deleted now',
  )
  assert.is((await slow!.api(`/chatroom/${chatId}`, { method: 'DELETE' })).status, 200)
  assert.is((await slow!.api(`/callbacks/${id}`)).status, 404)
  await clean(slow!)
})

test('both end in peace, and leave nothing', async () => {
  for (const server of [gateway!, slow!])
    assert.equal(await stopped(server), { end: { code: 0, signal: null }, left: [] })
})

suiteOf.after(async () => {
  await gateway?.clear()
  await slow?.clear()
  await registry?.[Symbol.asyncDispose]()
  await hanging?.[Symbol.asyncDispose]()
})
suiteOf.run()
