import { getRequestListener } from '@hono/node-server'
import { buildEvent } from '../../runtimes/javascript/event.ts'
import { createMatcher } from '../../src/domain/matcher.ts'
import { buildResponse } from '../../src/invoke/answer.ts'
import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import { type CallHead, type Message, type Meta, TYPE } from '../../src/runtime/wire.ts'

/** One piece of the hot path; `run` does it once and answers something that depends on all of it. */
export interface Operation {
  readonly name: string
  readonly run: (index: number) => unknown
}

const ROUTES = 10_000
/** Frames that one write or read of a busy socket carries. Batches of operations are a multiple of it. */
export const FRAMES_PER_WRITE = 16

const META: Meta = {
  callbackId: 1001,
  version: 3,
  runtime: 'isolate',
  memoryMb: 128,
  timeoutMs: 30_000,
  env: {},
}
const HEAD: CallHead = {
  method: 'POST',
  url: 'http://127.0.0.1:8000/api/users/42/orders?page=2&sort=newest',
  headers: [
    ['host', '127.0.0.1:8000'],
    ['user-agent', 'faas-bench'],
    ['accept', '*/*'],
    ['content-type', 'application/json'],
    ['content-length', '27'],
  ],
  whole: true,
  requestId: '3f0c5b0e-7c54-4f0a-9a37-5f7c4f4f3d11',
  path: 'users/:id/orders',
  params: { id: '42' },
  ip: '127.0.0.1',
  deadline: 1_767_225_600_000,
}
const BODY = new TextEncoder().encode('{"item":"lamp","count":"2"}')

/** The pieces, each with its data made beforehand. */
export function operations(): Operation[] {
  // The Node server puts its own lighter Response in place of the global one: the gateway builds that one.
  getRequestListener(() => new Response())
  return [encode(), decode(), ...matches(), event(), answer()]
}

function message(): Message {
  return { type: TYPE.CALL, instance: 7, id: 1234, head: JSON.stringify(HEAD), data: BODY }
}

function encode(): Operation {
  const writer = new FrameWriter()
  const call = message()
  return {
    name: 'frame encode',
    run(index) {
      writer.write(call)
      return index % FRAMES_PER_WRITE === FRAMES_PER_WRITE - 1 ? writer.take() : null
    },
  }
}

function decode(): Operation {
  const writer = new FrameWriter()
  for (let index = 0; index < FRAMES_PER_WRITE; index++) writer.write(message())
  const bytes = writer.take()
  let read: Message | null = null
  const reader = new FrameReader((decoded) => {
    read = decoded
  })
  return {
    name: 'frame decode',
    run(index) {
      if (index % FRAMES_PER_WRITE === 0) reader.push(bytes)
      return read
    },
  }
}

function matches(): Operation[] {
  const matcher = createMatcher<number>()
  for (let index = 0; index < ROUTES; index++)
    matcher.add({ path: `team-${index % 100}/function-${index}`, method: 'ANY', value: index })
  for (let index = 0; index < ROUTES; index++)
    matcher.add({ path: `shop-${index}/users/:id/orders/:order`, method: 'GET', value: index })
  const literal = Array.from({ length: ROUTES }, (_, index) => `team-${index % 100}/function-${index}`)
  const parameters = Array.from({ length: ROUTES }, (_, index) => `shop-${index}/users/42/orders/${index}`)
  return [
    {
      name: `match a literal route among ${ROUTES}`,
      run: (index) => matcher.match(literal[index % ROUTES]!, 'GET'),
    },
    {
      name: `match two parameters among ${ROUTES} such routes`,
      run: (index) => matcher.match(parameters[index % ROUTES]!, 'GET'),
    },
  ]
}

function event(): Operation {
  return { name: 'build the event', run: () => buildEvent(META, HEAD, BODY) }
}

function answer(): Operation {
  const pairs = [['content-type', 'text/plain;charset=UTF-8']] as const
  const body = new TextEncoder().encode('Hello, world\n')
  const receipt = {
    requestId: HEAD.requestId,
    lambdaStatus: 200,
    version: 3,
    start: 'warm',
    phases: { handler: 0.41, total: 0.52 },
  } as const
  return { name: 'build the answer', run: () => buildResponse(200, pairs, body, receipt, false) }
}
