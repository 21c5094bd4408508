/**
 * The guest's program in a Deno process without permissions: the same guest as in an isolate, on the web platform
 * that Deno has itself. Messages come on standard input and go on standard output.
 */

import { FrameReader, FrameWriter, type StartHead, TYPE } from '../../src/runtime/wire.ts'
import { createConsole } from '../javascript/console.ts'
import { format } from '../javascript/format.ts'
import { createGuest, loadFailure } from '../javascript/guest.ts'

/** Deno, as far as it is used, before it is taken away. */
interface Io {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> }
  readonly stdout: { writeSync(bytes: Uint8Array): number }
}

const { stdin, stdout } = (globalThis as unknown as { Deno: Io }).Deno
const { stringify, parse } = JSON
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

const guest = createGuest({
  runtime: 'worker',
  send: ({ type, id, head, data }) => post(type, id, head, data),
  flush,
})

const reader = new FrameReader(({ type, id, head, data }) => {
  // A copy: what the function is given must not show the messages beside it.
  const own = (data as Uint8Array | null)?.slice() ?? null
  if (type === TYPE.START) void start(parse(head) as StartHead, decoder.decode(own ?? new Uint8Array(0)))
  else guest.receive(type, id, head, own)
})

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
  define('console', createConsole(guest.log))
  define('process', {
    env: { NODE_ENV: 'production', ...env },
    nextTick: queueLater,
    versions: {},
    platform: 'linux',
  })
  for (const name of ['Deno', 'close', 'prompt', 'confirm', 'alert', 'Worker'])
    Reflect.deleteProperty(globalThis, name)
}

function queueLater(task: (...args: unknown[]) => void, ...args: unknown[]): void {
  queueMicrotask(() => task(...args))
}

for await (const chunk of stdin.readable) reader.push(chunk)
