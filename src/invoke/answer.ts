import type { Phases, StartKind } from '../domain/outcome.ts'

type Body = Uint8Array | ReadableStream<Uint8Array> | string | null
type Pairs = readonly (readonly [string, string])[]

/** Headers that belong to one hop (RFC 9110 section 7.6.1), and the length, which the server works out itself. */
const DROPPED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** RFC 9110 sections 5.6.2 and 5.5: checked here, since the Node server looks only when it is too late to say 502. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const ASCII = /^[\t\x20-\x7e]*$/
const FIELD = /^[\t\x20-\x7e\x80-\xff]*$/

/** What the gateway says of a call in headers. */
export interface Receipt {
  readonly requestId: string
  readonly lambdaStatus: number
  readonly version: number | null
  readonly start: StartKind | null
  readonly phases: Phases
}

/** The receipt as headers; they win over what the function set. */
export function receiptHeaders(receipt: Receipt, headers: Record<string, string>): void {
  headers['x-request-id'] = receipt.requestId
  headers['x-lambda-status-code'] = String(receipt.lambdaStatus)
  if (receipt.version !== null) headers['x-callback-version'] = String(receipt.version)
  if (receipt.start !== null) headers['x-faas-start'] = receipt.start
  headers['server-timing'] = serverTiming(receipt.phases)
}

function serverTiming(phases: Phases): string {
  let text = ''
  if (phases.queue !== undefined) text += `queue;dur=${phases.queue}, `
  if (phases.start !== undefined) text += `start;dur=${phases.start}, `
  if (phases.init !== undefined) text += `init;dur=${phases.init}, `
  if (phases.handler !== undefined) text += `handler;dur=${phases.handler}, `
  return `${text}total;dur=${phases.total}`
}

/**
 * The Response for what a function answered. Whole bodies and plain header objects stay what they are: the
 * Node server sends those without building a web Response.
 * @throws RangeError, TypeError when HTTP cannot carry it
 */
export function buildResponse(
  status: number,
  pairs: Pairs,
  body: Body,
  receipt: Receipt,
  head: boolean,
): Response {
  if (status < 200 || status > 599) throw new RangeError(`Cannot send status ${status}: must be 200 to 599`)
  const bare = head || status === 204 || status === 205 || status === 304
  // Names come from the author: none may meet what every object has, such as `constructor`. (An object without
  // a prototype would do as well, but V8 keeps those as hash tables, and the server walks them twice.)
  const headers: Record<string, string> = {}
  let cookies: string[] | null = null
  let ascii = true
  for (const [given, value] of pairs) {
    const name = given.toLowerCase()
    if (!TOKEN.test(name) || name === '__proto__')
      throw new TypeError(`Cannot send a header of the name ${JSON.stringify(given)}`)
    if (!ASCII.test(value)) {
      if (!FIELD.test(value)) throw new TypeError(`Cannot send the value of the header "${name}"`)
      ascii = false
    }
    if (DROPPED.has(name) && !(head && name === 'content-length')) continue
    if (name === 'set-cookie') {
      cookies ??= []
      cookies.push(value)
    } else headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
  }
  receiptHeaders(receipt, headers)
  if (bare && body instanceof ReadableStream) void body.cancel()
  if (head && body instanceof Uint8Array) headers['content-length'] ??= String(body.length)
  // RFC 9110 section 15.3.6: unlike 204, a 205 has to say that it is empty.
  if (status === 205) headers['content-length'] = '0'
  const sent = bare
    ? null
    : ascii && body instanceof Uint8Array && Object.hasOwn(headers, 'content-type')
      ? compact(body)
      : (body as BodyInit | null)
  if (cookies === null) return new Response(sent, { status, headers })
  const full = new Headers(headers)
  for (const cookie of cookies) full.append('set-cookie', cookie)
  return new Response(sent, { status, headers: full })
}

const COMPACT = 4096
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A short text as a string: Node sends it in one piece with the head, bytes take a second one. Only where the
 * type is known, a string brings its own, and where the head is ASCII: Node would write all of it in UTF-8.
 */
function compact(body: Uint8Array): BodyInit {
  if (body.length > COMPACT) return body as Uint8Array<ArrayBuffer>
  try {
    return decoder.decode(body)
  } catch {
    return body as Uint8Array<ArrayBuffer>
  }
}

export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100
}
