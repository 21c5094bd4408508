// @slow
// @timeout 180
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageSuite } from './cases.ts'

const test = suite('packages: routers')

await packageSuite(test, [
  {
    name: 'hono',
    dependencies: { hono: '4.13.19' },
    code: `
      import { Hono } from 'hono'
      import { cors } from 'hono/cors'
      import { etag } from 'hono/etag'
      import { HTTPException } from 'hono/http-exception'
      import { sign, verify } from 'hono/jwt'
      import { streamSSE } from 'hono/streaming'
      import { validator } from 'hono/validator'

      const app = new Hono<{ Bindings: { SECRET: string } }>().basePath('/api/hono')
      app.use(cors({ origin: 'https://example.org' }), etag())
      app.get('/users/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') }))
      app.post('/add', validator('json', (value) => {
        if (typeof value.n !== 'number') throw new HTTPException(422, { message: 'n must be a number' })
        return value as { n: number }
      }), (c) => c.json({ sum: c.req.valid('json').n + 1 }))
      app.post('/upload', async (c) => {
        const { file, name } = await c.req.parseBody()
        return c.text(name + ':' + (await (file as File).text()))
      })
      app.get('/token', async (c) => c.json(await verify(await sign({ sub: 'me' }, 'secret'), 'secret', 'HS256')))
      app.get('/events', (c) => streamSSE(c, async (stream) => {
        for (let n = 0; n < 3; n++) await stream.writeSSE({ data: String(n), event: 'count' })
      }))
      app.get('/page', (c) => c.html(<h1 title="a&b">{'<hi>'}</h1>))
      export default app`.replace('import { Hono', '/** @jsxImportSource hono/jsx */\n      import { Hono'),
    async check(call) {
      const user = await call('/users/7?q=x', { headers: { origin: 'https://example.org' } })
      assert.equal(await user.json(), { id: '7', q: 'x' })
      assert.is(user.headers.get('access-control-allow-origin'), 'https://example.org')
      const again = await call('/users/7?q=x', { headers: { 'if-none-match': user.headers.get('etag')! } })
      assert.is(again.status, 304)
      assert.equal(await (await call('/add', { json: { n: 1 } })).json(), { sum: 2 })
      const refused = await call('/add', { json: { n: '1' } })
      assert.equal([refused.status, await refused.text()], [422, 'n must be a number'])
      const form = new FormData()
      form.set('name', 'a')
      form.set('file', new File(['content'], 'a.txt'))
      assert.is(await (await call('/upload', { method: 'POST', body: form })).text(), 'a:content')
      assert.is((await (await call('/token')).json()).sub, 'me')
      const events = await (await call('/events')).text()
      assert.is(events, [0, 1, 2].map((n) => `event: count\ndata: ${n}\n\n`).join(''))
      assert.is(await (await call('/page')).text(), '<h1 title="a&amp;b">&lt;hi&gt;</h1>')
      assert.is((await call('/nowhere')).status, 404)
    },
  },
  {
    name: 'h3',
    dependencies: { h3: '2.0.8' },
    code: `
      import { H3, HTTPError, getCookie, readBody, setCookie } from 'h3'
      const app = new H3()
      app.get('/api/h3/hello/:name', (event) => ({ hello: event.context.params.name, q: event.url.searchParams.get('q') }))
      app.post('/api/h3/echo', async (event) => ({ got: await readBody(event) }))
      app.get('/api/h3/cookie', (event) => { setCookie(event, 'seen', 'yes'); return getCookie(event, 'who') })
      app.get('/api/h3/teapot', () => { throw new HTTPError({ status: 418, message: 'short and stout' }) })
      export default app`,
    async check(call) {
      assert.equal(await (await call('/hello/you?q=1')).json(), { hello: 'you', q: '1' })
      assert.equal(await (await call('/echo', { json: { a: [1] } })).json(), { got: { a: [1] } })
      const cookie = await call('/cookie', { headers: { cookie: 'who=me' } })
      assert.equal([await cookie.text(), cookie.headers.get('set-cookie')], ['me', 'seen=yes; Path=/'])
      const error = await call('/teapot')
      assert.equal([error.status, (await error.json()).message], [418, 'short and stout'])
    },
  },
  {
    name: 'trpc',
    dependencies: { '@trpc/server': '11.25.2', zod: '4.6.7' },
    code: `
      import { initTRPC, TRPCError } from '@trpc/server'
      import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
      import { z } from 'zod'
      const t = initTRPC.context<{ user: string | null }>().create()
      const named = t.procedure.use(({ ctx, next }) => {
        if (ctx.user === null) throw new TRPCError({ code: 'UNAUTHORIZED' })
        return next({ ctx: { user: ctx.user } })
      })
      const notes: string[] = []
      const router = t.router({
        greet: t.procedure.input(z.object({ name: z.string().min(2) })).query(({ input }) => 'hello ' + input.name),
        note: named.input(z.string()).mutation(({ input, ctx }) => notes.push(ctx.user + ': ' + input)),
        count: t.procedure.subscription(async function* () { for (let n = 0; n < 3; n++) yield n }),
      })
      export default (req: Request) => fetchRequestHandler({
        endpoint: '/api/trpc', req, router, createContext: () => ({ user: req.headers.get('x-user') }),
      })`,
    async check(call) {
      const input = (value: unknown) => encodeURIComponent(JSON.stringify(value))
      const hello = await call(`/greet?input=${input({ name: 'you' })}`)
      assert.equal(await hello.json(), { result: { data: 'hello you' } })
      const refused = await call(`/greet?input=${input({ name: 'y' })}`)
      assert.equal([refused.status, (await refused.json()).error.data.code], [400, 'BAD_REQUEST'])
      const mutation = { json: 'first', headers: { 'x-user': 'me' } }
      assert.equal(await (await call('/note', mutation)).json(), { result: { data: 1 } })
      assert.is((await call('/note', { json: 'second' })).status, 401)
      const batch = { 0: { name: 'aa' }, 1: { name: 'bb' } }
      const both = await call(`/greet,greet?batch=1&input=${input(batch)}`)
      assert.equal(
        (await both.json()).map((entry: { result: { data: string } }) => entry.result.data),
        ['hello aa', 'hello bb'],
      )
      const events = await call('/count', { headers: { accept: 'text/event-stream' } })
      assert.equal(
        [...(await events.text()).matchAll(/^data: (\d+)$/gm)].map((match) => match[1]),
        ['0', '1', '2'],
      )
    },
  },
  {
    name: 'itty',
    dependencies: { 'itty-router': '6.0.0' },
    code: `
      import { AutoRouter, cors, error } from 'itty-router'
      const { preflight, corsify } = cors()
      const router = AutoRouter({ base: '/api/itty', before: [preflight] })
      router
        .get('/hello/:name', (request) => corsify(Response.json({ hello: request.name, query: request.query }), request))
        .post('/double', async (request) => ({ twice: (await request.json()).n * 2 }))
        .get('/refuse', () => error(403, 'not you'))
      export default router`,
    async check(call) {
      const hello = await call('/hello/you?a=1', { headers: { origin: 'https://example.org' } })
      assert.is(hello.headers.get('access-control-allow-origin'), '*')
      assert.equal(await hello.json(), { hello: 'you', query: { a: '1' } })
      assert.equal(await (await call('/double', { json: { n: 21 } })).json(), { twice: 42 })
      const refused = await call('/refuse')
      assert.equal([refused.status, await refused.json()], [403, { status: 403, error: 'not you' }])
      assert.is((await call('/nowhere')).status, 404)
    },
  },
])

test.run()
