import type { CallHead, Meta } from '../../src/runtime/wire.ts'
import { toBase64 } from './base64.ts'

/** What a `handler(event, context)` is called with. */
export interface LambdaEvent {
  httpMethod: string
  path: string
  pathParameters: Record<string, string>
  queryStringParameters: Record<string, string>
  multiValueQueryStringParameters: Record<string, string[]>
  headers: Record<string, string>
  cookies: string[]
  body: unknown
  isBase64Encoded: boolean
  requestContext: {
    requestId: string
    callbackId: number
    version: number
    runtime: string
    time: string
    timeEpoch: number
    identity: { sourceIp: string }
  }
}

const { URLSearchParams, TextDecoder } = globalThis
const parse = JSON.parse
const JSON_TYPE = /^(?:application\/json|[^;\s/]+\/[^;\s/]+\+json)\s*(?:;|$)/i
const COOKIES = /;\s*/
const ESCAPED = /[%+]/
// A byte order mark belongs to the text: only the JSON parser must not see it.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Builds the event. `bytes`: the whole body, empty where there is none. */
export function buildEvent(meta: Meta, head: CallHead, bytes: Uint8Array): LambdaEvent {
  const headers: Record<string, string> = {}
  for (const [name, value] of head.headers) {
    const key = name.toLowerCase()
    const before = ownValue(headers, key)
    set(headers, key, before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`)
  }
  const [single, multiple] = queryParameters(head.url)
  const [body, isBase64Encoded] = readBody(bytes, ownValue(headers, 'content-type') ?? '')
  const timeEpoch = Date.now()
  return {
    httpMethod: head.method,
    path: head.path,
    pathParameters: { ...head.params },
    queryStringParameters: single,
    multiValueQueryStringParameters: multiple,
    headers,
    cookies: (ownValue(headers, 'cookie') ?? '').split(COOKIES).filter((cookie) => cookie !== ''),
    body,
    isBase64Encoded,
    requestContext: {
      requestId: head.requestId,
      callbackId: meta.callbackId,
      version: meta.version,
      runtime: meta.runtime,
      time: new Date(timeEpoch).toISOString(),
      timeEpoch,
      identity: { sourceIp: head.ip },
    },
  }
}

function queryParameters(url: string): [Record<string, string>, Record<string, string[]>] {
  const single: Record<string, string> = {}
  const multiple: Record<string, string[]> = {}
  const start = url.indexOf('?')
  if (start === -1) return [single, multiple]
  const end = url.indexOf('#', start)
  for (const [name, value] of queryPairs(url.slice(start + 1, end === -1 ? undefined : end))) {
    set(single, name, value)
    const values = ownValue(multiple, name)
    if (values === undefined) set(multiple, name, [value])
    else values.push(value)
  }
  return [single, multiple]
}

/** As `URLSearchParams` reads it, which is asked only where an escape is not UTF-8: it is far slower in an isolate. */
function queryPairs(query: string): Iterable<[string, string]> {
  const pairs: [string, string][] = []
  try {
    for (const part of query.split('&')) {
      if (part === '') continue
      const mark = part.indexOf('=')
      pairs.push(
        mark === -1 ? [decode(part), ''] : [decode(part.slice(0, mark)), decode(part.slice(mark + 1))],
      )
    }
    return pairs
  } catch {
    // A question mark of the query's own is no sign of its beginning.
    return new URLSearchParams(`?${query}`)
  }
}

function decode(text: string): string {
  if (!ESCAPED.test(text)) return text
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function readBody(bytes: Uint8Array, contentType: string): [unknown, boolean] {
  if (bytes.length === 0) return [{}, false]
  let text: string
  try {
    text = strict.decode(bytes)
  } catch {
    return [toBase64(bytes), true]
  }
  if (JSON_TYPE.test(contentType)) {
    try {
      return [parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text), false]
    } catch {
      // Not JSON after all: the author gets the text as it came.
    }
  }
  return [text, false]
}

/** Names come from the caller: `__proto__` has to be a name like any other. */
function set<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

function ownValue<T>(target: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(target, key) ? target[key] : undefined
}
