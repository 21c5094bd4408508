import * as assert from 'uvu/assert'
import { jsonOf, type Register, type SharedCode, type Subject } from '../subject.ts'

/** Handlers that take what they need of their arguments, or are asynchronous. */
const SHAPES: readonly (readonly [name: string, code: SharedCode])[] = [
  [
    'one parameter',
    {
      node: 'export const handler = (event) => ({ method: event.httpMethod })',
      python: 'def handler(event):\n    return {"method": event["httpMethod"]}',
    },
  ],
  [
    'two parameters',
    {
      node: 'export const handler = (event, context) => ({ method: context.requestId && event.httpMethod })',
      python:
        'def handler(event, context):\n    return {"method": context.aws_request_id and event["httpMethod"]}',
    },
  ],
  [
    'asynchronous, with one parameter',
    {
      node: 'export async function handler(event) { await null; return { method: event.httpMethod } }',
      python: `
import asyncio
async def handler(event):
    await asyncio.sleep(0)
    return {"method": event["httpMethod"]}`,
    },
  ],
  [
    'asynchronous, with two parameters, answering later',
    {
      node: `export const lambda_handler = (event, context) =>
        new Promise((resolve) => setTimeout(resolve, 5, { method: context.requestId && event.httpMethod }))`,
      python: `
import asyncio
async def lambda_handler(event, context):
    await asyncio.sleep(0.005)
    return {"method": context.aws_request_id and event["httpMethod"]}`,
    },
  ],
  [
    'lambda_handler goes before handler',
    {
      node: `export const handler = () => 'handler'
        export const lambda_handler = (event) => ({ method: event.httpMethod })`,
      python: `
def handler(event):
    return "handler"
def lambda_handler(event, context):
    return {"method": event["httpMethod"]}`,
    },
  ],
  [
    'an object with a method',
    {
      node: `class Greeter { method = (event) => ({ method: event.httpMethod }) }
        export const handler = new Greeter().method`,
      python: `
class Greeter:
    def method(self, event):
        return {"method": event["httpMethod"]}
handler = Greeter().method`,
    },
  ],
]

/** Modules without a handler. */
const NOTHING: readonly SharedCode[] = [
  { node: 'export const answer = 42', python: 'answer = 42' },
  {
    node: 'export default class App { fetch() {} }',
    python: 'def helper():\n    return 1\nhandler = "not callable"',
  },
  { node: '// nothing here\n', python: '# nothing here\n' },
]

/** What the sentence must name, as the author of each language writes it. */
const NAMES = {
  node: ['export default', 'fetch(request, env, ctx)', 'lambda_handler', 'handler(event, context)'],
  python: ['lambda_handler', 'handler(event, context)', 'app', 'ASGI', 'WSGI'],
} as const

/** What a handler can be, in any language. */
export function handlerCases(
  test: Register,
  { deploy, register, server, language, cType }: Subject<SharedCode>,
): void {
  for (const [name, code] of SHAPES) {
    test(`shape: ${name}`, async () => {
      assert.equal(await jsonOf((await deploy(code)).call({ method: 'PUT' })), { method: 'PUT' })
    })
  }

  test('no handler: the deployment fails and names what would be one', async () => {
    for (const code of NOTHING) {
      const { id } = await register(code)
      const failure = await server.deploy(id, cType).then(
        () => 'it was deployed',
        (error: Error) => error.message,
      )
      for (const shape of NAMES[language])
        assert.ok(failure.includes(shape), `${JSON.stringify(code[language])} misses ${shape}: ${failure}`)
      assert.is((await jsonOf(server.api(`/callbacks/${id}`))).status, 'failed')
    }
  })

  test('the environment of the callback reaches it, and nothing of the gateway’s', async () => {
    const code: SharedCode = {
      node: `export const handler = () => ({
        own: process.env.GREETING,
        foreign: Object.keys(process.env).filter((name) => name.startsWith('FAAS_')),
      })`,
      python: `
import os
def handler(event):
    return {
        "own": os.environ.get("GREETING"),
        "foreign": [name for name in os.environ if name.startswith("FAAS_")],
    }`,
    }
    const subject = await deploy(code, { env: { GREETING: 'good day, ü' } })
    assert.equal(await jsonOf(subject.call()), { own: 'good day, ü', foreign: [] })
  })
}
