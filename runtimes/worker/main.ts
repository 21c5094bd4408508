/**
 * The guest's program in a Deno process without permissions: the same guest as in an isolate, on the web platform
 * that Deno has itself. Messages come on standard input and go on standard output.
 */

import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import { type StartHead, TYPE } from '../../src/runtime/wire.ts'
import { createConsole } from '../javascript/console.ts'
import { createEventSource } from '../javascript/event-source.ts'
import { FetchEvent } from '../javascript/fetch-event.ts'
import { format } from '../javascript/format.ts'
import { createGuest, loadFailure } from '../javascript/guest.ts'
import { standardPlatform } from '../javascript/platform.ts'
import { createWebSocket } from '../javascript/web-socket.ts'
import { workerEventTools } from './event-tools.ts'
import { fetchListeners, listening, onUnhandled } from './global-events.ts'

/** Deno, as far as it is used, before it is taken away. */
interface Io {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> }
  readonly stdout: { writeSync(bytes: Uint8Array): number }
}

const { stdin, stdout } = (globalThis as unknown as { Deno: Io }).Deno
const { stringify, parse } = JSON
/** Ways to the host, and what needs a permission or a disk and could only fail. */
const ABSENT = [
  ...['Deno', 'close', 'closed', 'name', 'prompt', 'confirm', 'alert', 'Worker', 'BroadcastChannel'],
  ...['caches', 'Cache', 'CacheStorage', 'localStorage', 'sessionStorage', 'Storage', 'FileReader'],
  ...['location', 'Location', 'Window'],
]
const now = performance.now.bind(performance)
const decoder = new TextDecoder()
const writer = new FrameWriter()
let scheduled = false

const post = (type: number, id: number, head: string, data: Uint8Array | string | null): void => {
  writer.write({ type, instance: 0, id, head, data })
  if (scheduled) return
  scheduled = true
  queueMicrotask(flush)
}

function flush(): void {
  scheduled = false
  let left = writer.take()
  while (left.length > 0) left = left.subarray(stdout.writeSync(left))
}

const guest = createGuest(
  { runtime: 'worker', send: ({ type, id, head, data }) => post(type, id, head, data), flush },
  standardPlatform(),
  fetchListeners,
)

const reader = new FrameReader(({ type, id, head, data }) => {
  // A copy: what the function is given must not show the messages beside it.
  const own = (data as Uint8Array | null)?.slice() ?? null
  if (type === TYPE.START) void start(parse(head) as StartHead, decoder.decode(own ?? new Uint8Array(0)))
  else guest.receive(type, id, head, own)
})

onUnhandled((text, reason) => guest.log('error', `${text} ${format([reason])}`))

async function start({ meta, logLines }: StartHead, code: string): Promise<void> {
  const began = now()
  guest.limitLog(logLines)
  furnish(meta.env)
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const { callback } = (await import(url)) as { callback: Record<string, unknown> }
    guest.load(meta, callback)
    guest.flush()
    post(TYPE.STARTED, 0, stringify({ initMs: now() - began }), null)
  } catch (error) {
    guest.flush()
    post(TYPE.START_FAILED, 0, loadFailure(error), null)
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** What a function finds is what it finds in an isolate: no way to the host but its own fetch and console. */
function furnish(env: Record<string, string>): void {
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
  define('fetch', guest.fetch)
  define('WebSocket', createWebSocket(workerEventTools, guest.openSocket))
  define('EventSource', createEventSource(workerEventTools, guest.fetch))
  define('FetchEvent', FetchEvent)
  for (const [name, value] of Object.entries(listening)) define(name, value)
  workerEventTools.attribute(globalThis, 'rejectionhandled')
  Object.defineProperty(navigator, 'userAgent', { value: 'faas-gateway-worker', configurable: true })
  define('console', createConsole(guest.log))
  define('process', {
    env: { NODE_ENV: 'production', ...env },
    nextTick: queueLater,
    versions: {},
    platform: 'linux',
  })
  for (const name of ABSENT) Reflect.deleteProperty(globalThis, name)
}

function queueLater(task: (...args: unknown[]) => void, ...args: unknown[]): void {
  queueMicrotask(() => task(...args))
}

for await (const chunk of stdin.readable) reader.push(chunk)
