/**
 * The guest's program inside a Deno worker without permissions: the same guest as in an isolate, on the web
 * platform that Deno has itself.
 */

import { type StartHead, TYPE } from '../../src/runtime/wire.ts'
import { createConsole } from '../javascript/console.ts'
import { format } from '../javascript/format.ts'
import { createGuest, loadFailure } from '../javascript/guest.ts'

type Posted = [number, number, string, Uint8Array | string | null]

/** The worker's own scope, as far as it is used: the two hosts' types disagree on it. */
const scope = globalThis as unknown as {
  postMessage(message: Posted): void
  onmessage: (event: MessageEvent<Posted>) => void
}
const post = scope.postMessage.bind(scope)
const { stringify } = JSON
const now = performance.now.bind(performance)
const decoder = new TextDecoder()
const guest = createGuest({
  runtime: 'worker',
  send: ({ type, id, head, data }) => post([type, id, head, data]),
})

scope.onmessage = (event) => {
  const [type, id, head, data] = event.data
  if (type === TYPE.START) void start(JSON.parse(head) as StartHead, decoder.decode(data as Uint8Array))
  else guest.receive(type, id, head, data as Uint8Array | null)
}

// Unhandled, they would end the worker and with it every call; in an isolate they cost nothing but a line.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault()
  guest.log('error', `Uncaught (in promise) ${format([event.reason])}`)
})
self.addEventListener('error', (event) => {
  event.preventDefault()
  guest.log('error', `Uncaught ${format([event.error])}`)
})

async function start({ meta }: StartHead, code: string): Promise<void> {
  const began = now()
  furnish(meta.env)
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const { callback } = (await import(url)) as { callback: Record<string, unknown> }
    guest.load(meta, callback)
    guest.flush()
    post([TYPE.STARTED, 0, stringify({ initMs: now() - began }), null])
  } catch (error) {
    guest.flush()
    post([TYPE.START_FAILED, 0, loadFailure(error), null])
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What a function finds is what it finds in an isolate: no way to the host but its own fetch and console. */
function furnish(env: Record<string, string>): void {
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
  define('fetch', guest.fetch)
  define('console', createConsole(guest.log))
  define('process', {
    env: { NODE_ENV: 'production', ...env },
    nextTick: queueLater,
    versions: {},
    platform: 'linux',
  })
  for (const name of ['Deno', 'postMessage', 'onmessage', 'close', 'name'])
    Reflect.deleteProperty(globalThis, name)
}

function queueLater(task: (...args: unknown[]) => void, ...args: unknown[]): void {
  queueMicrotask(() => task(...args))
}
