// @slow
// @timeout 180
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../support/skip.ts'
import { SQLD, type Sqld, startSqld } from '../support/sqld.ts'
import { packageSuite } from './cases.ts'

const test = suite('packages: clients of servers')

const target = createServer((request, response) => void answer(request, response))
await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(target.address() as AddressInfo).port}`
const sqld: Sqld | null = SQLD.missing === null ? await startSqld() : null
test.after(async () => {
  await sqld?.[Symbol.asyncDispose]()
  target.closeAllConnections()
  await new Promise((resolve) => target.close(resolve))
})

/** A stand-in for the services that the clients talk to. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const piece of request.setEncoding('utf8')) body += piece
  const json = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  const { method, url, headers } = request
  if (url === '/v1/chat/completions')
    return complete(JSON.parse(body), headers.authorization ?? '', response, json)
  if (url === '/teapot') return json(418, { short: true })
  json(200, {
    method,
    url,
    body,
    type: headers['content-type']?.split(';')[0] ?? null,
    token: headers['x-token'] ?? null,
  })
}

const WORDS = ['The ', 'sky ', 'is ', 'blü.']

function complete(
  asked: { model: string; stream?: boolean },
  authorization: string,
  response: ServerResponse,
  json: (status: number, value: unknown) => void,
): void {
  const common = { id: 'c1', created: 1, model: asked.model }
  if (authorization !== 'Bearer sk-test') {
    json(401, { error: { message: 'wrong key', type: 'invalid_request_error', code: 'invalid_api_key' } })
  } else if (asked.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const content of WORDS) {
      const chunk = {
        ...common,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content } }],
      }
      response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    }
    response.end('data: [DONE]\n\n')
  } else {
    const message = { role: 'assistant', content: WORDS.join('') }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    json(200, { ...common, object: 'chat.completion', choices })
  }
}

const AXIOS = {
  name: 'axios',
  dependencies: { axios: '1.21.1' },
  code: `
    import axios, { AxiosError } from 'axios'
    const client = axios.create({ baseURL: '${origin}', adapter: 'fetch', headers: { 'x-token': 't' } })
    export default async () => {
      const got = await client.get('/things', { params: { a: 1, b: ['x', 'y'] } })
      const posted = await client.post('/things', { n: 1 })
      const form = new FormData()
      form.append('file', new Blob(['content']), 'a.txt')
      const sent = await client.postForm('/upload', form)
      const failed = await client.get('/teapot').catch((error) => [error instanceof AxiosError, error.response.status, error.response.data])
      const aborted = await client.get('/things', { signal: AbortSignal.abort() }).catch((error) => error.code)
      return Response.json([got.data, posted.data, [sent.data.type, sent.data.body.includes('filename="a.txt"')], failed, aborted])
    }`,
  async check(call: (path: string) => Promise<Response>) {
    assert.equal(await (await call('/run')).json(), [
      { method: 'GET', url: '/things?a=1&b%5B%5D=x&b%5B%5D=y', body: '', type: null, token: 't' },
      { method: 'POST', url: '/things', body: '{"n":1}', type: 'application/json', token: 't' },
      ['multipart/form-data', true],
      [true, 418, { short: true }],
      'ERR_CANCELED',
    ])
  },
}

const OPENAI = {
  name: 'openai',
  dependencies: { openai: '7.57.0' },
  code: `
    import OpenAI from 'openai'
    const client = new OpenAI({ apiKey: 'sk-test', baseURL: '${origin}/v1', maxRetries: 0 })
    export default async (request: Request) => {
      const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'sky?' }] }
      if (request.url.endsWith('/whole')) return Response.json((await client.chat.completions.create(ask)).choices[0].message.content)
      if (request.url.endsWith('/refused')) {
        const stranger = new OpenAI({ apiKey: 'sk-other', baseURL: '${origin}/v1', maxRetries: 0 })
        return stranger.chat.completions.create(ask).catch((error) => Response.json([error instanceof OpenAI.AuthenticationError, error.code]))
      }
      const stream = await client.chat.completions.create({ ...ask, stream: true })
      const { readable, writable } = new TransformStream()
      const writer = writable.getWriter()
      void (async () => {
        for await (const chunk of stream) await writer.write(new TextEncoder().encode('[' + chunk.choices[0].delta.content + ']'))
        await writer.close()
      })()
      return new Response(readable)
    }`,
  async check(call: (path: string) => Promise<Response>) {
    assert.is(await (await call('/whole')).json(), 'The sky is blü.')
    assert.is(await (await call('/stream')).text(), '[The ][sky ][is ][blü.]')
    assert.equal(await (await call('/refused')).json(), [true, 'invalid_api_key'])
  },
}

const DRIZZLE = {
  name: 'drizzle',
  dependencies: { 'drizzle-orm': '0.45.4', '@libsql/client': '0.18.0' },
  code: `
    import { createClient } from '@libsql/client/web'
    import { desc, eq, sql } from 'drizzle-orm'
    import { drizzle } from 'drizzle-orm/libsql/web'
    import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
    const client = createClient({ url: '${sqld?.http}' })
    const db = drizzle({ client })
    const people = sqliteTable('people', { id: integer().primaryKey(), name: text().notNull(), tags: text({ mode: 'json' }).$type<string[]>() })
    export default async () => {
      await db.run(sql\`CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, tags TEXT)\`)
      await db.delete(people)
      const added = await db.insert(people).values([{ name: 'Ada', tags: ['x'] }, { name: 'Bö' }]).returning()
      const undone = await db.transaction(async (tx) => {
        await tx.update(people).set({ name: 'Cy' }).where(eq(people.name, 'Ada'))
        tx.rollback()
      }).catch((error) => error.message)
      const twice = await db.insert(people).values({ name: 'Ada' }).catch((error) => (error.cause ?? error).code)
      return Response.json([added.length, await db.select({ name: people.name, tags: people.tags }).from(people).orderBy(desc(people.name)), undone, twice])
    }`,
  async check(call: (path: string) => Promise<Response>) {
    const expected = [
      2,
      [
        { name: 'Bö', tags: null },
        { name: 'Ada', tags: ['x'] },
      ],
      'Rollback',
      'SQLITE_CONSTRAINT',
    ]
    assert.equal(await (await call('/run')).json(), expected)
  },
}

// They all talk to loopback, where a function may not go unless the operator says so.
const SETTINGS = { FAAS_EGRESS_ALLOW: '127.0.0.1' }
await packageSuite(test, [AXIOS, OPENAI, ...(sqld === null ? [] : [DRIZZLE])], SETTINGS)
if (sqld === null) needing(test, SQLD)(DRIZZLE.name, () => undefined)

test.run()
