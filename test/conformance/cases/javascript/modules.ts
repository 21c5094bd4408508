import * as assert from 'uvu/assert'
import { type JavaScriptCode, jsonOf, type Register, type Subject } from '../../subject.ts'

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

/** What a module of JavaScript or TypeScript can be. */
export function moduleCases(test: Register, { deploy }: Subject<JavaScriptCode>): void {
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
}
