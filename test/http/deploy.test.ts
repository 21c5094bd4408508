import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HELLO, type HttpApp, httpApp, until } from '../support/http-app.ts'

const test = suite<{ app: HttpApp; id: number }>('deploy')
test.before.each(async (context) => {
  context.app = await httpApp()
  context.id = (await context.app.ask('POST', '/callbacks', HELLO)).body.callback_id
})
test.after.each(({ app }) => app.close())

test('a deploy answers with status build, and /callback/deploy is the same', async ({ app, id }) => {
  const first = await app.ask('POST', '/deploy', { callback_id: id, status: true })
  assert.is(first.status, 200)
  assert.is(first.body.status, 'build')
  assert.equal(app.deployer.asked, ['auto'])
  const again = await app.ask('POST', '/callback/deploy/', {
    callback_id: id,
    status: true,
    c_type: 'isolate',
  })
  assert.is(again.status, 409)
  assert.is(again.body.code, 'build_running')
  await app.deployer.finish(id)
  assert.is((await app.ask('POST', '/callback/deploy', { callback_id: id, status: true })).status, 200)
})

test('with wait the answer comes when the build has ended', async ({ app, id }) => {
  const asked = app.ask('POST', '/deploy?wait=30', { callback_id: id, status: true })
  await until(() => app.deployer.asked.length === 1, 'the deploy was asked for')
  await app.deployer.finish(id)
  const { status, body } = await asked
  assert.is(status, 200)
  assert.is(body.status, 'deployed')
  assert.is(body.version, 1)
})

test('a build that is longer than the wait answers build', async ({ app, id }) => {
  const { status, body } = await app.ask('POST', '/deploy?wait=0.02', { callback_id: id, status: true })
  assert.is(status, 200)
  assert.is(body.status, 'build')
})

test('status false undeploys', async ({ app, id }) => {
  await app.ask('POST', '/deploy', { callback_id: id, status: true })
  await app.deployer.finish(id)
  const { status, body } = await app.ask('POST', '/deploy', { callback_id: id, status: false })
  assert.is(status, 200)
  assert.is(body.status, 'undeployed')
  assert.is(body.version, null)
})

test('each refusal has its status and its reason', async ({ app, id }) => {
  const cases: [string, unknown, number, string][] = [
    ['/deploy', { callback_id: 999_999, status: true }, 404, 'not_found'],
    ['/deploy', { callback_id: 999_999, status: false }, 404, 'not_found'],
    ['/deploy', { callback_id: id, status: true, c_type: 'docker' }, 422, 'runtime_unavailable'],
    ['/deploy', { callback_id: id, status: true, c_type: 'worker' }, 422, 'invalid'],
    ['/deploy', { callback_id: id, status: 'true' }, 422, 'invalid'],
    ['/deploy', { callback_id: String(id), status: true }, 422, 'invalid'],
    ['/deploy', { status: true }, 422, 'invalid'],
    ['/deploy?wait=601', { callback_id: id, status: true }, 422, 'invalid'],
    ['/deploy?wait=soon', { callback_id: id, status: true }, 422, 'invalid'],
    ['/deploy?wait=', { callback_id: id, status: true }, 422, 'invalid'],
    ['/deploy?wait=-1', { callback_id: id, status: true }, 422, 'invalid'],
  ]
  for (const [path, body, status, code] of cases) {
    const answer = await app.ask('POST', path, body)
    assert.is(answer.status, status, `${path} ${JSON.stringify(body)}`)
    assert.is(answer.body.code, code)
  }
  assert.equal(app.deployer.asked, [])
})

test('nothing is begun while the gateway shuts down, reading goes on', async ({ app, id }) => {
  app.state.draining = true
  const refused = await app.ask('POST', '/deploy', { callback_id: id, status: true })
  assert.is(refused.status, 503)
  assert.is(refused.body.code, 'draining')
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.is((await app.ask('GET', '/callbacks')).status, 200)
})

test.run()
