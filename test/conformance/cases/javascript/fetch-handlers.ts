import * as assert from 'uvu/assert'
import { type JavaScriptCode, jsonOf, openBody, type Register, type Subject } from '../../subject.ts'

/** Request in, Response out. */
export function fetchHandlerCases(test: Register, { deploy }: Subject<JavaScriptCode>): void {
  test('a fetch handler gets a Request, the environment and a context', async () => {
    const node = `export default {
      async fetch(request, env, ctx) {
        return Response.json({
          isRequest: request instanceof Request,
          method: request.method,
          path: new URL(request.url).pathname + new URL(request.url).search,
          header: request.headers.get('x-sent'),
          body: await request.text(),
          env: env.GREETING,
          processEnv: process.env.GREETING,
          waitUntil: typeof ctx.waitUntil,
        })
      },
    }`
    const subject = await deploy({ node }, { env: { GREETING: 'good day' } })
    const init = { method: 'PUT', headers: { 'x-sent': 'yes' }, body: 'brought along' }
    assert.equal(await jsonOf(subject.call(init, '?q=1')), {
      isRequest: true,
      method: 'PUT',
      path: `/api/${subject.base}?q=1`,
      header: 'yes',
      body: 'brought along',
      env: 'good day',
      processEnv: 'good day',
      waitUntil: 'function',
    })
  })

  test('waitUntil: the answer comes at once, the work goes on and its lines belong to the call', async () => {
    const node = `let done = false
      export default {
        async fetch(request, env, ctx) {
          if (new URL(request.url).search === '?done') return Response.json({ done })
          ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)).then(() => { done = true; console.log('after') }))
          ctx.waitUntil(Promise.reject(new Error('told, not thrown')))
          return new Response('now')
        },
      }`
    const subject = await deploy({ node }, { limits: { max_instances: 1 } })
    const answer = await subject.call()
    const id = answer.headers.get('x-request-id')
    assert.is(await answer.text(), 'now')
    while (!(await jsonOf(subject.call({}, '?done'))).done)
      await new Promise((resolve) => setTimeout(resolve, 10))
    const lines = await subject.list<{ request_id: string; message: string }[]>('logs')
    assert.ok(lines.some((line) => line.message === 'after' && line.request_id === id))
    assert.ok(lines.some((line) => line.message.includes('told, not thrown') && line.request_id === id))
  })

  test('streaming: a piece of a body brings no bytes along that are not its own', async () => {
    const node = `export default async (request) => {
      const others = []
      for await (const piece of request.body) {
        if (piece.buffer.byteLength !== piece.byteLength) others.push(piece.buffer.byteLength - piece.byteLength)
      }
      return Response.json(others)
    }`
    const subject = await deploy({ node })
    const open = openBody('1')
    const answer = subject.call(open.init)
    for (let piece = 0; piece < 20; piece++) {
      await (await subject.call({ method: 'POST', body: 'of another call' })).text()
      open.send('2')
    }
    open.end()
    assert.equal(await jsonOf(answer), [])
  })
}
