import * as assert from 'uvu/assert'
import { openRaw } from '../../../clients/raw.ts'
import { until } from '../../../support/runtime-harness.ts'
import { silentServer } from '../../servers.ts'
import { type Instances, type JavaScriptCode, jsonOf, type Register, type Subject } from '../../subject.ts'

const ONE = { limits: { max_instances: 1 } }
const PATIENCE = 20_000

/**
 * What authors of Workers write: scripts that listen, contexts that wait, signals that abort.
 * @param networked the same, where functions have a network
 */
export function workerStyleCases(
  test: Register,
  { deploy, pace }: Subject<JavaScriptCode>,
  networked: Subject<JavaScriptCode>,
): void {
  test('addEventListener("fetch"): a script without an export takes calls', async () => {
    const node = `
      const greet = async (request: Request): Promise<Response> =>
        new Response(await request.text() + ' ' + process.env.NAME)
      addEventListener('fetch', (event: any) => {
        event.waitUntil(Promise.resolve())
        event.passThroughOnException()
        event.respondWith(greet(event.request))
      })`
    const subject = await deploy({ node }, { env: { NAME: 'listener' } })
    const answer = await subject.call({ method: 'POST', body: 'hello' })
    assert.is(answer.status, 200)
    assert.is(await answer.text(), 'hello listener')
  })

  test('addEventListener("fetch"): what a listener throws, or never answers, is the error of the call', async () => {
    const node = `self.addEventListener('fetch', function (event) {
      if (this !== globalThis || event.target !== globalThis) throw new Error('a wrong target')
      if (new URL(event.request.url).search === '?throws') throw new RangeError('by the listener')
      if (new URL(event.request.url).search === '?rejects') event.respondWith(Promise.reject(new Error('rejected')))
    })`
    const subject = await deploy({ node })
    for (const [rest, message] of [
      ['?throws', 'by the listener'],
      ['?rejects', 'rejected'],
      ['', 'respondWith'],
    ] as const) {
      const answer = await subject.call({}, rest)
      const { code, error } = await jsonOf<{ code: string; error: { message: string } }>(answer)
      assert.is(answer.status, 500)
      assert.is(code, 'function_threw')
      assert.match(error.message, message)
    }
  })

  test('addEventListener("fetch"): an exported handler goes before it, a removed one does not count', async () => {
    const both = `addEventListener('fetch', (event) => event.respondWith(new Response('listener')))
      export default () => new Response('export')`
    assert.is(await (await (await deploy({ node: both })).call()).text(), 'export')
    const removed = `const listener = () => {}
      addEventListener('fetch', listener)
      removeEventListener('fetch', listener)`
    const failure = await deploy({ node: removed }).then(
      () => 'it was deployed',
      (error: Error) => error.message,
    )
    assert.match(failure, 'addEventListener')
  })

  test('ctx.passThroughOnException is taken, and there is nothing to pass through to', async () => {
    const node = `export default { fetch(request, env, ctx) { ctx.passThroughOnException(); throw new Error('thrown') } }`
    const answer = await (await deploy({ node })).call()
    assert.is(answer.status, 500)
    assert.is((await jsonOf<{ code: string }>(answer)).code, 'function_threw')
  })

  test('waitUntil past the limit: the caller has its answer, the instance ends, the next call is served', async () => {
    const node = `export default { fetch(request, env, ctx) {
      if (new URL(request.url).search === '?hang') ctx.waitUntil(new Promise(() => {}))
      return new Response('answered')
    } }`
    const subject = await deploy({ node }, { limits: { max_instances: 1, timeout_ms: 400 * pace } })
    assert.is(await (await subject.call({}, '?hang')).text(), 'answered')
    const ended = async () => ((await subject.list<never>('instances')) as Instances).ended
    await until(
      async () => (await ended()).some(({ reason }) => reason === 'timeout'),
      'the instance was ended',
      PATIENCE,
    )
    assert.match((await ended()).find(({ reason }) => reason === 'timeout')!.detail, 'waitUntil')
    assert.is(await (await subject.call()).text(), 'answered')
  })

  test('request.signal: a caller that hangs up aborts what the handler waits for', async () => {
    const node = `let seen = []
      const tell = (what) => (error) => { seen.push(what + ' ' + error.name) }
      const sleep = (signal) => new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
      export default async (request) => {
        const { search, searchParams } = new URL(request.url)
        if (search === '?seen') return Response.json(seen)
        if (request.method === 'POST') {
          seen.push('started')
          await request.text().catch(tell('body'))
          return new Response('')
        }
        const { signal } = request
        signal.onabort = () => seen.push('event ' + signal.aborted)
        seen.push('started')
        await Promise.allSettled([
          fetch(searchParams.get('slow'), { signal }).catch(tell('fetch')),
          sleep(signal).catch(tell('wait')),
        ])
        return new Response('')
      }`
    const { server, reachable } = networked
    await using slow = await silentServer(reachable)
    const subject = await networked.deploy({ node }, ONE)
    const seen = async () => jsonOf<string[]>(subject.call({}, '?seen'))
    const has = (count: number) =>
      until(async () => (await seen()).length >= count, `${count} things happened`, PATIENCE)
    const host = `host: 127.0.0.1:${server.port}\r\n`

    const getting = await openRaw(server.port)
    getting.write(`GET /api/${subject.path}?slow=${slow.url} HTTP/1.1\r\n${host}\r\n`)
    await until(() => slow.asked() === 1, 'its fetch has come', PATIENCE)
    await has(1)
    getting.destroy()
    await has(4)
    await until(() => slow.dropped() === 1, 'its fetch was given up', PATIENCE)
    assert.equal((await seen()).toSorted(), ['event true', 'fetch AbortError', 'started', 'wait AbortError'])

    const posting = await openRaw(server.port)
    posting.write(
      `POST /api/${subject.path} HTTP/1.1\r\n${host}content-length: 1900000\r\n\r\n${'x'.repeat(1_200_000)}`,
    )
    await has(5)
    posting.destroy()
    await has(6)
    assert.is((await seen())[5], 'body AbortError')
  })

  test('an unhandled rejection is a line, unless a listener prevents it', async () => {
    const node = `addEventListener('unhandledrejection', (event) => {
        if (event.reason.message === 'quiet') event.preventDefault()
      })
      export default (request) => {
        Promise.reject(new Error(new URL(request.url).search.slice(1)))
        return new Response('ok')
      }`
    const subject = await deploy({ node }, ONE)
    for (const rest of ['?quiet', '?loud']) assert.is(await (await subject.call({}, rest)).text(), 'ok')
    const lines = async () =>
      (await subject.list<{ message: string }[]>('logs')).map(({ message }) => message)
    await until(
      async () => (await lines()).some((line) => line.includes('loud')),
      'the line is there',
      PATIENCE,
    )
    assert.match(
      (await lines()).find((line) => line.includes('loud'))!,
      /^Uncaught \(in promise\) Error: loud/,
    )
    assert.not.ok((await lines()).some((line) => line.includes('quiet')))
  })
}
