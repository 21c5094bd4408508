// @timeout 120
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startServer } from '../support/server.ts'

/** A line of the page's tables. */
interface Row {
  readonly name: string
  readonly isolate: string
  readonly worker: string
}

const ROW = /^\| `([\w.]+)` \| ([^|]+) \| ([^|]+) \|$/gm
const STATES = ['whole', 'partial', 'absent']
const page = readFileSync(new URL('../../docs/web-platform.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(ROW)].map(([, name, isolate, worker]): Row => {
  return { name: name!, isolate: isolate!, worker: worker! }
})

/** What the minimum common API names, which the page must speak of. */
const MINIMUM = [
  ...'AbortController AbortSignal Blob ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto'.split(
    ' ',
  ),
  ...'CryptoKey CustomEvent DecompressionStream DOMException ErrorEvent Event EventTarget File FormData'.split(
    ' ',
  ),
  ...'Headers MessageChannel MessageEvent MessagePort Performance PromiseRejectionEvent'.split(' '),
  ...'ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest'.split(
    ' ',
  ),
  ...'ReadableStreamDefaultController ReadableStreamDefaultReader Request Response SubtleCrypto'.split(' '),
  ...'TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream'.split(' '),
  ...'TransformStreamDefaultController URL URLPattern URLSearchParams WritableStream'.split(' '),
  ...'WritableStreamDefaultController WritableStreamDefaultWriter'.split(' '),
  ...'Global Instance Memory Module Table Tag Exception CompileError LinkError RuntimeError compile'
    .split(' ')
    .map((name) => `WebAssembly.${name}`),
  ...'compileStreaming instantiate instantiateStreaming validate JSTag'
    .split(' ')
    .map((name) => `WebAssembly.${name}`),
  ...'globalThis self atob btoa setTimeout clearTimeout setInterval clearInterval queueMicrotask'.split(' '),
  ...'reportError structuredClone fetch console crypto performance navigator.userAgent onerror'.split(' '),
  ...'onunhandledrejection onrejectionhandled'.split(' '),
]

/** A function that says which of these names its global object has. */
const PROBE = `
const names = ${JSON.stringify(rows.map(({ name }) => name))}
const has = (path) => {
  let value = globalThis
  for (const part of path.split('.')) {
    if (value === null || value === undefined || !(part in Object(value))) return false
    value = value[part]
  }
  return value !== undefined
}
export const handler = (event) => ({
  runtime: event.requestContext.runtime,
  there: names.filter(has),
})
`

const test = suite('docs/web-platform.md')

test('speaks of all that the minimum common API names, once and in its words', () => {
  const names = rows.map(({ name }) => name)
  assert.equal(
    MINIMUM.filter((name) => !names.includes(name)),
    [],
  )
  assert.equal(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
  for (const { name, isolate, worker } of rows)
    for (const state of [isolate, worker]) assert.ok(STATES.includes(word(state)), `${name}: ${state}`)
  const lines = page.split('\n').filter((line) => line.startsWith('| `'))
  assert.is(lines.length, rows.length, 'every line of the tables is read')
})

test('an isolate has what the page says', () => check({}, 'isolate'))

if ('Deno' in globalThis) {
  // A Node that is not there: the gateway falls back on workers.
  test('a worker has what the page says', () => check({ FAAS_NODE: '/nowhere/node' }, 'worker'))
}

test.run()

async function check(settings: Record<string, string>, runtime: 'isolate' | 'worker'): Promise<void> {
  await using server = await startServer(settings)
  const { callback_id } = await server.register({ path: 'probe', code: PROBE })
  await server.deploy(callback_id)
  const answer = await server.call('probe')
  const { there, ...rest } = (await answer.json()) as { runtime: string; there: string[] }
  assert.is(rest.runtime, runtime)
  const wrong = rows.filter((row) => there.includes(row.name) === (word(row[runtime]) === 'absent'))
  assert.equal(
    wrong.map((row) => `${row.name} is ${there.includes(row.name) ? 'there' : 'not there'}: ${row[runtime]}`),
    [],
  )
}

/** The first word, which says it all. */
function word(state: string): string {
  return /^\w+/.exec(state)?.[0] ?? ''
}
