/** Bare Hono on Node, as its documentation starts it: the hello function and nothing around it. */
import process from 'node:process'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { HELLO_BODY, HELLO_PATH } from '../functions.ts'

const app = new Hono()
app.get(HELLO_PATH, () => new Response(HELLO_BODY))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`listening on ${port}\n`)
})
