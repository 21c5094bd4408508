import * as assert from 'uvu/assert'
import { problemOf } from '../problems.ts'
import type { Register, SharedCode, Subject } from '../subject.ts'
import { jsonOf } from '../subject.ts'

const PARAMS: SharedCode = {
  node: 'export const handler = ({ pathParameters, httpMethod }) => ({ httpMethod, ...pathParameters })',
  python: `
def handler(event):
    return {"httpMethod": event["httpMethod"], **event["pathParameters"]}`,
}
const says = (text: string): SharedCode => ({
  node: `export const handler = () => "${text}"`,
  python: `def handler(event):\n    return "${text}"`,
})
const NOT_FOUND = { status: 404, code: 'not_found', lambda: 500, blame: 'caller' }
const NOT_ALLOWED = { status: 405, code: 'method_not_allowed', lambda: 500, blame: 'caller' }

/** Which function a request reaches. */
export function routingCases(
  test: Register,
  { deploy, register, server, runtime }: Subject<SharedCode>,
): void {
  test('404: no such path, not deployed yet, undeployed', async () => {
    await problemOf(await server.call('nothing-is-here'), NOT_FOUND)
    const pending = await register(PARAMS)
    await problemOf(await pending.call(), NOT_FOUND)
    const subject = await deploy(PARAMS)
    assert.is((await subject.call()).status, 200)
    const json = { callback_id: subject.id, status: false }
    assert.is((await jsonOf(server.api('/deploy', { json }))).status, 'undeployed')
    await problemOf(await subject.call(), NOT_FOUND)
    assert.is((await subject.call({ method: 'OPTIONS' })).status, 404)
  })

  test('405 with Allow where the path has other methods', async () => {
    const get = await deploy(PARAMS, { method: 'GET' })
    const answer = await get.call({ method: 'POST', body: 'x' })
    assert.is(answer.headers.get('allow'), 'GET, HEAD, OPTIONS')
    const problem = await problemOf(answer, NOT_ALLOWED)
    assert.match(problem.detail, /POST/)
    await deploy(PARAMS, { base: get.base, method: 'PUT' })
    assert.is((await get.call({ method: 'DELETE' })).headers.get('allow'), 'GET, HEAD, OPTIONS, PUT')
    assert.is((await jsonOf(get.call({ method: 'PUT' }))).httpMethod, 'PUT')
  })

  test('each method reaches its own function, ANY takes the rest', async () => {
    const any = await deploy(PARAMS)
    await deploy(says('its own'), { base: any.base, method: 'PATCH' })
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal(await jsonOf(any.call({ method })), { httpMethod: method })
    assert.is(await jsonOf(any.call({ method: 'PATCH' })), 'its own')
  })

  test('parameters take one segment each, decoded once', async () => {
    const subject = await deploy(PARAMS, { path: ':a/x/:b' })
    for (const [rest, a, b] of [
      ['/1/x/2', '1', '2'],
      ['/caf%C3%A9/x/%F0%9F%98%80', 'café', '😀'],
      ['/a%2Fb/x/%2525', 'a/b', '%25'],
      ['/a+b/x/c%20d', 'a+b', 'c d'],
      ['/1/x/2/', '1', '2'],
      ['/%3Ahidden/x/*', ':hidden', '*'],
    ] as const) {
      assert.equal(await jsonOf(subject.call({}, rest)), { httpMethod: 'GET', a, b }, rest)
    }
    for (const rest of ['/1/x', '/1/y/2', '/1/x/2/3', '//x/2', '/%/x/2', '/%C3/x/2'])
      assert.is((await subject.call({}, rest)).status, 404, rest)
  })

  test('a wildcard takes one segment or more', async () => {
    const subject = await deploy(PARAMS, { path: 'files/*' })
    assert.is((await jsonOf(subject.call({}, '/files/a'))).value ?? 'a', 'a')
    for (const [rest, star] of [
      ['/files/a', 'a'],
      ['/files/a/b/c.txt', 'a/b/c.txt'],
      ['/files/a%20b/%C3%BC', 'a b/ü'],
    ] as const) {
      assert.is((await jsonOf(subject.call({}, rest)))['*'], star, rest)
    }
    assert.is((await subject.call({}, '/files')).status, 404)
    assert.is((await subject.call({}, '/files/')).status, 404)
  })

  test('literal goes before parameter before wildcard', async () => {
    const any = await deploy(says('wildcard'), { path: '*' })
    await deploy(says('parameter'), { base: any.base, path: ':id' })
    await deploy(says('literal'), { base: any.base, path: 'exact' })
    assert.is(await jsonOf(any.call({}, '/exact')), 'literal')
    assert.is(await jsonOf(any.call({}, '/other')), 'parameter')
    assert.is(await jsonOf(any.call({}, '/other/deep')), 'wildcard')
  })

  test('a trailing slash never matters, and there is no redirect', async () => {
    const subject = await deploy(PARAMS)
    for (const rest of ['', '/', '?q', '/?q']) {
      const answer = await subject.call({ redirect: 'manual' }, rest)
      assert.is(answer.status, 200, rest)
    }
  })

  test('a path beyond ASCII is one path, however it is encoded', async () => {
    const code: SharedCode = {
      node: 'export const handler = ({ path }) => ({ path })',
      python: 'def handler(event):\n    return {"path": event["path"]}',
    }
    await deploy(code, { base: 'größe/naïve 1' })
    for (const path of ['größe/naïve 1', 'gr%C3%B6%C3%9Fe/na%c3%afve%201', 'gro\u0308ße/nai\u0308ve%201'])
      assert.equal(await jsonOf(server.call(path)), { path: 'größe/naïve 1' }, path)
  })

  test('/api/kube is for deployments on kube alone', async () => {
    const subject = await deploy(PARAMS)
    const answer = await server.call(`kube/${subject.base}`)
    if (runtime === 'kube') assert.is(answer.status, 200)
    else await problemOf(answer, NOT_FOUND)
    await problemOf(await server.call('kube/'), NOT_FOUND)
    await problemOf(await server.call('kube'), NOT_FOUND)
    await problemOf(await server.call(''), NOT_FOUND)
  })

  test('413: a body over the limit, announced or not', async () => {
    const subject = await deploy({
      node: 'export default async (r) => new Response(String((await r.text()).length))',
      python: 'def handler(event):\n    return {"statusCode": 200, "body": str(len(event["body"]))}',
    })
    assert.is(await (await subject.call({ method: 'POST', body: 'x'.repeat(2_000_000) })).text(), '2000000')
    const tooLarge = { status: 413, code: 'body_too_large', lambda: 500, blame: 'caller' }
    const announced = await subject.call({ method: 'POST', body: 'x'.repeat(2_000_001) })
    assert.match((await problemOf(announced, tooLarge)).detail, /2000000/)
    let left = 40
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) controller.close()
        else controller.enqueue(new Uint8Array(65_536))
      },
    })
    const streamed: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half' }
    await problemOf(await subject.call(streamed), tooLarge)
  })
}
