// @engine beside
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer, type TestServer } from '../support/server.ts'
import { needing } from '../support/skip.ts'
import { until } from './gateway.ts'
import { ownEngine, ownEngineNeed } from './own-engine.ts'
import { problem } from './probe.ts'

const suiteOf = suite('an engine whose disk is full')
const need = ownEngineNeed()
const test = needing(suiteOf, need)
/** Twice the image: it is unpacked beside the file that it comes in. */
const DISK_MB = 700
const engine = need.missing === null ? await ownEngine({ diskMb: DISK_MB }) : null
const gateway: TestServer | null =
  engine === null
    ? null
    : await startServer({ FAAS_DOCKER_HOST: engine.host, FAAS_DOCKER_PREWARM: '0', FAAS_EGRESS: 'none' })
const CODE = 'def handler(event, context):\n    return "here"'
let serving = 0

test('a function is deployed while there is room', async () => {
  await engine!.start()
  await engine!.load('python:3-slim')
  const { callback_id } = await gateway!.register({ path: 'serving', type: 'python', code: CODE })
  serving = callback_id
  await until(
    async () =>
      await gateway!.deploy(serving, 'docker').then(
        () => true,
        () => undefined,
      ),
    'the engine to be found',
  )
  assert.is(await (await gateway!.call('serving')).json(), 'here')
})

test('without room a deploy fails with the cause and the way out, and nothing half-made stays', async () => {
  await engine!.fill(true)
  const { callback_id } = await gateway!.register({ path: 'late', type: 'python', code: CODE })
  const said = await gateway!.deploy(callback_id, 'docker').then(
    () => '',
    (error: Error) => error.message,
  )
  assert.match(said, 'has no disk space left')
  assert.match(said, 'docker system prune')
  assert.is((await gateway!.call('late')).status, 404)
  const containers = await engine!.docker('ps', '--all', '--quiet')
  assert.is(containers.split('\n').filter((line) => line !== '').length, 1, 'the one that serves')
})

test('what has a container serves on, and a new instance is refused with the cause', async () => {
  assert.is(await (await gateway!.call('serving')).json(), 'here')
  await engine!.docker('rm', '--force', ...(await engine!.docker('ps', '--quiet')).split('\n'))
  // Its own files are gone with it.
  await engine!.fill(true)
  const { status, code, detail } = await problem(await gateway!.call('serving'))
  assert.is(status, 503)
  assert.is(code, 'start_failed')
  assert.match(detail, 'has no disk space left')
})

test('with room again it serves again, without a deploy', async () => {
  await engine!.fill(false)
  await until(
    async () => ((await gateway!.call('serving')).status === 200 ? true : undefined),
    'a call to be answered',
  )
  assert.equal(await gateway!.stop(), { code: 0, signal: null })
  assert.is(await engine!.docker('ps', '--all', '--quiet'), '')
})

suiteOf.after(async () => {
  await gateway?.kill()
  await engine?.[Symbol.asyncDispose]()
})
suiteOf.run()
