import * as assert from 'uvu/assert'
import type { Register, SharedCode, Subject } from '../subject.ts'

const ACCEPT = { accept: 'application/vnd.lambda.envelope+json' }

interface Envelope {
  readonly lambdaStatusCode: number
  readonly body: unknown
}

async function envelopeOf(answer: Response): Promise<Envelope> {
  const text = await answer.text()
  assert.is(answer.status, 200, text)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  const envelope = JSON.parse(text) as Envelope
  assert.equal(Object.keys(envelope), ['lambdaStatusCode', 'body'])
  assert.is(answer.headers.get('x-lambda-status-code'), String(envelope.lambdaStatusCode))
  for (const name of ['x-request-id', 'x-callback-version', 'server-timing'])
    assert.ok(answer.headers.has(name), `${name} is missing`)
  return envelope
}

const never: SharedCode = {
  node: 'export const handler = () => new Promise(() => {})',
  python: 'import time\ndef handler(event):\n    time.sleep(3600)',
}

/** Of calls that are to pass it, for a runtime whose pace is 1. Milliseconds. */
const LIMIT = 400
const TIMED_OUT = 'Process Time Out'

/** What a handler does, and the envelope that comes of it. */
const OUTCOMES: readonly (readonly [name: string, code: SharedCode, status: number, body: unknown])[] = [
  [
    'a JSON answer',
    { node: 'export const handler = () => ({ a: 1 })', python: 'def handler(event):\n    return {"a": 1}' },
    200,
    { a: 1 },
  ],
  [
    'a text',
    {
      node: 'export default () => new Response("text")',
      python: 'def handler(event):\n    return {"statusCode": 200, "body": "text"}',
    },
    200,
    'text',
  ],
  [
    'a JSON text',
    { node: 'export const handler = () => "text"', python: 'def handler(event):\n    return "text"' },
    200,
    'text',
  ],
  [
    'nothing',
    { node: 'export const handler = () => null', python: 'def handler(event):\n    pass' },
    200,
    null,
  ],
  [
    'an answer with a status of its own',
    {
      node: 'export const handler = () => ({ statusCode: 404, body: { gone: true } })',
      python: 'def handler(event):\n    return {"statusCode": 404, "body": {"gone": True}}',
    },
    200,
    { gone: true },
  ],
  [
    'bytes',
    {
      node: 'export default () => new Response(new Uint8Array([255, 254]))',
      python: 'def handler(event):\n    return {"statusCode": 200, "body": bytes([255, 254])}',
    },
    200,
    { isBase64Encoded: true, data: '//4=' },
  ],
  [
    'a streamed answer',
    {
      node: `export default () => new Response(new ReadableStream({
        async start(controller) {
          for (const piece of ['a', 'b']) {
            await null
            controller.enqueue(new TextEncoder().encode(piece))
          }
          controller.close()
        },
      }))`,
      python: 'def handler(event):\n    yield "a"\n    yield b"b"',
    },
    200,
    'ab',
  ],
  [
    'a throw',
    {
      node: 'export const handler = () => { throw new Error("broken") }',
      python: 'def handler(event):\n    raise Exception("broken")',
    },
    500,
    'broken',
  ],
  ['a timeout', never, 504, TIMED_OUT],
]

/** The older form of answers. */
export function envelopeCases(test: Register, { deploy, server, pace }: Subject<SharedCode>): void {
  for (const [name, code, status, body] of OUTCOMES) {
    test(`envelope: ${name}, by response_mode and by accept`, async () => {
      const limits = { timeout_ms: LIMIT * pace }
      const told = body === TIMED_OUT ? `${TIMED_OUT} (${limits.timeout_ms / 1000}s)` : body
      const always = await deploy(code, { response_mode: 'envelope', limits })
      assert.equal(await envelopeOf(await always.call()), { lambdaStatusCode: status, body: told })
      const asked = await deploy(code, { limits })
      assert.equal(await envelopeOf(await asked.call({ headers: ACCEPT })), {
        lambdaStatusCode: status,
        body: told,
      })
      const listed = { accept: 'text/html, application/vnd.lambda.envelope+json;q=0.9' }
      assert.is((await envelopeOf(await asked.call({ headers: listed }))).lambdaStatusCode, status)
      assert.is(
        (await asked.call({ headers: { accept: 'application/json' } })).headers.get('x-lambda-status-code'),
        String(status),
      )
    })
  }

  test('envelope: what cannot be sent is 400 with a sentence', async () => {
    const code: SharedCode = {
      node: 'export const handler = () => 1n',
      python: 'def handler(event):\n    return object()',
    }
    const always = await deploy(code, { response_mode: 'envelope' })
    const envelope = await envelopeOf(await always.call())
    assert.is(envelope.lambdaStatusCode, 400)
    assert.match(String(envelope.body), /JSON/)
  })

  test('envelope: a streamed answer that breaks, or pauses for too long, is an error and no half answer', async () => {
    const broken: SharedCode = {
      node: `export default () => new Response(new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode('half'))
          await new Promise((resolve) => setTimeout(resolve, 20))
          controller.error(new Error('the other half is missing'))
        },
      }))`,
      python: `
import time
def handler(event):
    yield "half"
    time.sleep(0.02)
    raise RuntimeError("the other half is missing")`,
    }
    const stalls: SharedCode = {
      node: `export default () => new Response(new ReadableStream({
        start(controller) { controller.enqueue(new TextEncoder().encode('half')) },
      }))`,
      python: 'import time\ndef handler(event):\n    yield "half"\n    time.sleep(3600)',
    }
    for (const [code, status] of [
      [broken, 500],
      [stalls, 504],
    ] as const) {
      const always = await deploy(code, { response_mode: 'envelope', limits: { timeout_ms: LIMIT * pace } })
      const envelope = await envelopeOf(await always.call())
      assert.is(envelope.lambdaStatusCode, status)
      assert.type(envelope.body, 'string')
    }
  })

  test('envelope: a body that is too large is told in the envelope of the function that it was for', async () => {
    const one: SharedCode = {
      node: 'export const handler = () => 1',
      python: 'def handler(event):\n    return 1',
    }
    const always = await deploy(one, { response_mode: 'envelope' })
    const envelope = await envelopeOf(await always.call({ method: 'POST', body: 'x'.repeat(2_000_001) }))
    assert.is(envelope.lambdaStatusCode, 500)
    assert.match(String(envelope.body), /2000000 bytes/)
  })

  test('envelope: without a function there is no envelope', async () => {
    assert.is((await server.call('nothing-is-here', { headers: ACCEPT })).status, 404)
  })
}
