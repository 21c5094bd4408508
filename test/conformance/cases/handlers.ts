import * as assert from 'uvu/assert'
import { jsonOf, type Register, type Subject } from '../subject.ts'

const says = (text: string) => `() => new Response(${JSON.stringify(text)})`

/** Each module with several handlers, and the one that the contract's order chooses. */
const ORDER: readonly (readonly [name: string, code: string, answer: string])[] = [
  [
    'a default export with fetch goes before lambda_handler and handler',
    `export default { fetch: ${says('fetch')} }
     export const lambda_handler = () => 'lambda_handler'
     export const handler = () => 'handler'`,
    'fetch',
  ],
  [
    'a default function goes before lambda_handler and handler',
    `export const handler = () => 'handler'
     export const lambda_handler = () => 'lambda_handler'
     export default ${says('function')}`,
    'function',
  ],
  [
    'an app that is a function and has a fetch is called by its fetch',
    `export default Object.assign(${says('function')}, { fetch: ${says('fetch')} })`,
    'fetch',
  ],
  [
    'lambda_handler goes before handler',
    `export const handler = () => 'handler'
     export const lambda_handler = () => new Response('lambda_handler')`,
    'lambda_handler',
  ],
  [
    'a default export without fetch leaves the turn to handler',
    `export default { settings: true }
     export const handler = ${says('handler')}`,
    'handler',
  ],
  ['a default object may hold the handler', `export default { handler: ${says('held')} }`, 'held'],
]

/** One handler in each way of giving it out. */
const SHAPES: readonly (readonly [name: string, code: string])[] = [
  ['export function handler', 'export function handler() { return new Response("ok") }'],
  ['export async function handler', 'export async function handler() { return new Response("ok") }'],
  ['export const lambda_handler', `export const lambda_handler = async () => new Response("ok")`],
  ['export { x as handler }', `const answer = ${says('ok')}; export { answer as handler }`],
  ['exports.handler =', `exports.handler = async () => new Response("ok")`],
  ['exports.lambda_handler =', `exports.lambda_handler = ${says('ok')}`],
  ['module.exports = { handler }', `const handler = ${says('ok')}; module.exports = { handler }`],
  ['module.exports = { lambda_handler }', `module.exports = { lambda_handler: ${says('ok')} }`],
  ['export default async function', 'export default async function (request) { return new Response("ok") }'],
  [
    'export default app, an object of a class',
    `class App { #text = 'ok'; async fetch() { return new Response(this.#text) } }
     const app = new App()
     export default app`,
  ],
  [
    'a promise that is fulfilled later',
    'export const handler = () => new Promise((resolve) => setTimeout(resolve, 5, new Response("ok")))',
  ],
]

/** What a handler can be. */
export function handlerCases(test: Register, { deploy, register, server, language }: Subject): void {
  if (language !== 'node') return

  for (const [name, node, answer] of ORDER) {
    test(`order: ${name}`, async () => {
      assert.is(await (await (await deploy({ node })).call()).text(), answer)
    })
  }

  for (const [name, node] of SHAPES) {
    test(`shape: ${name}`, async () => {
      assert.is(await (await (await deploy({ node })).call()).text(), 'ok')
    })
  }

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

  test('an event handler may take no, one or two parameters', async () => {
    for (const node of [
      'export const handler = () => ({})',
      'export const handler = (event) => ({ method: event.httpMethod })',
      'export const handler = (event, context) => ({ method: event.httpMethod, id: typeof context.requestId })',
    ]) {
      assert.is((await (await deploy({ node })).call()).status, 200, node)
    }
  })

  test('TypeScript: types go, enums, generics and parameter properties work', async () => {
    const node = `
      interface Point { readonly x: number; y?: number }
      type Named<T extends object> = T & { name: string }
      enum Colour { Red = 'red', Blue = 'blue' }
      namespace Geometry { export const origin: Point = { x: 0 } }
      class Box<T> { constructor(private readonly value: T) {} get(): T { return this.value } }
      const first = <T>(list: readonly T[]): T | undefined => list[0]
      const cast = <string>(<unknown>'cast')
      declare const nothing: never
      export async function handler(event: { httpMethod: string }): Promise<Record<string, unknown>> {
        const point = { x: 1, name: 'p' } satisfies Named<Point>
        return { colour: Colour.Blue, x: point.x!, box: new Box<number>(7).get(), first: first([3 as const]), cast, origin: Geometry.origin.x }
      }`
    const answer = await jsonOf((await deploy({ node })).call())
    assert.equal(answer, { colour: 'blue', x: 1, box: 7, first: 3, cast: 'cast', origin: 0 })
  })

  test('a module may await while it loads', async () => {
    const node = `const loaded = await Promise.resolve('loaded'); export default () => new Response(loaded)`
    assert.is(await (await (await deploy({ node })).call()).text(), 'loaded')
  })

  test('no handler: the deployment fails and names what would be one', async () => {
    for (const node of ['export const answer = 42', 'export default class App { fetch() {} }', '']) {
      const code = node === '' ? '// nothing here\n' : node
      const { id } = await register({ node: code })
      const failure = await server.deploy(id).then(
        () => 'it was deployed',
        (error: Error) => error.message,
      )
      for (const shape of [
        'export default',
        'fetch(request, env, ctx)',
        'lambda_handler',
        'handler(event, context)',
      ]) {
        assert.ok(failure.includes(shape), `${JSON.stringify(node)} misses ${shape}: ${failure}`)
      }
      assert.is((await jsonOf(server.api(`/callbacks/${id}`))).status, 'failed')
    }
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
}
