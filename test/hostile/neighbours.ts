import type { TestServer } from '../support/server.ts'

/** Functions that work beside the hostile ones, and everything that went wrong with a call of theirs. */
export interface Neighbours {
  readonly failures: readonly string[]
  calls(): number
  /** The longest that a call of theirs took. Milliseconds. */
  slowest(): number
  stop(): Promise<void>
}

const QUIET = `export default async (request) => {
  await new Promise((resolve) => setTimeout(resolve, 5))
  return new Response('quiet ' + (await request.text()))
}`
const PLAIN = 'export const handler = () => ({ statusCode: 200, body: "plain" })'
const STREAM = `export default () => {
  let left = 5
  return new Response(new ReadableStream({ async pull(controller) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (left-- === 0) controller.close()
    else controller.enqueue(new TextEncoder().encode('.'))
  } }))
}`
const PAUSE = 15

/** Functions that answer `plain`, for runtimes beside the isolates. */
export interface Beside {
  readonly path: string
  readonly type: 'node' | 'python'
  readonly code: string
  readonly cType: string
}

/** Deploys three functions and more, and calls each of them, one call after the other, until it is stopped. */
export async function startNeighbours(
  server: TestServer,
  beside: readonly Beside[] = [],
): Promise<Neighbours> {
  const failures: string[] = []
  let calls = 0
  let slowest = 0
  let stopped = false
  const deploy = async (path: string, code: string, type = 'node', cType = 'isolate') => {
    const { callback_id } = await server.register({ path, code, type })
    await server.deploy(callback_id, cType)
  }
  for (const { path, code, type, cType } of beside) await deploy(path, code, type, cType)
  await deploy('neighbour-quiet', QUIET)
  await deploy('neighbour-plain', PLAIN)
  await deploy('neighbour-stream', STREAM)

  const once = async (path: string, init: RequestInit, expected: string) => {
    const began = performance.now()
    try {
      const answer = await server.call(path, init)
      const text = await answer.text()
      if (answer.status !== 200 || text !== expected) failures.push(`${path}: ${answer.status} ${text}`)
    } catch (error) {
      failures.push(`${path}: ${String(error)}`)
    }
    calls++
    slowest = Math.max(slowest, performance.now() - began)
  }
  const loop = async (path: string, init: () => RequestInit, expected: string) => {
    while (!stopped) {
      await once(path, init(), expected)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }
  const loops = [
    loop('neighbour-quiet', () => ({ method: 'POST', body: 'words' }), 'quiet words'),
    loop('neighbour-plain', () => ({}), 'plain'),
    loop('neighbour-stream', () => ({}), '.....'),
    ...beside.map(({ path }) => loop(path, () => ({}), 'plain')),
  ]
  return {
    failures,
    calls: () => calls,
    slowest: () => slowest,
    async stop() {
      stopped = true
      await Promise.all(loops)
    },
  }
}
