/** Bare Hono on Node, as its documentation starts it: the functions of the bench and nothing around them. */
import process from 'node:process'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { HELLO_BODY, HELLO_PATH, JSON_PATH } from '../functions.ts'

const app = new Hono()
app.get(HELLO_PATH, () => new Response(HELLO_BODY))
app.post(JSON_PATH, async (context) => context.json(await context.req.json()))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`listening on ${port}\n`)
})
