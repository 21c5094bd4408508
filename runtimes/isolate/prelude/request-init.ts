import { AbortSignal, makeSignal } from './abort.ts'
import { type Body, extractBody, isUnusable } from './body.ts'
import { toUSVString } from './convert.ts'
import { Headers, listOf, makeHeaders, type Pair } from './headers.ts'
import { TransformStream } from './streams.ts'
import { URL } from './url.ts'

/** What a Request is. Headers and signal are made when they are first looked at. */
export interface RequestState {
  method: string
  url: string
  headers: Headers | null
  list: Pair[]
  body: Body | null
  signal: AbortSignal | null
  makeSignal: (() => globalThis.AbortSignal) | null
  redirect: string
  cache: string
  credentials: string
  mode: string
  referrer: string
  referrerPolicy: string
  integrity: string
  keepalive: boolean
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const NORMALISED = /^(?:delete|get|head|options|post|put)$/i
const SIMPLE = /^(?:GET|HEAD|POST)$/
const FORBIDDEN = /^(?:connect|trace|track)$/i
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  redirect: ['follow', 'error', 'manual'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  credentials: ['omit', 'same-origin', 'include'],
  mode: ['same-origin', 'no-cors', 'cors'],
  referrerPolicy: [
    '',
    'no-referrer',
    'no-referrer-when-downgrade',
    'same-origin',
    'origin',
    'strict-origin',
    'origin-when-cross-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ],
  priority: ['high', 'low', 'auto'],
}
/** A Request of which nothing was said. */
export const DEFAULTS: RequestState = {
  method: 'GET',
  url: '',
  headers: null,
  list: [],
  body: null,
  signal: null,
  makeSignal: null,
  redirect: 'follow',
  cache: 'default',
  credentials: 'same-origin',
  mode: 'cors',
  referrer: 'about:client',
  referrerPolicy: '',
  integrity: '',
  keepalive: false,
}

/** The headers as they are now. */
export function currentList(state: RequestState): Pair[] {
  return state.headers === null ? state.list : listOf(state.headers)
}

/** The Headers, made when they are first looked at. */
export function headersOf(state: RequestState): Headers {
  state.headers ??= makeHeaders(state.list, false)
  return state.headers
}

/** The signal, made when it is first looked at. */
export function signalOf(state: RequestState): AbortSignal {
  state.signal ??= (state.makeSignal?.() as AbortSignal | undefined) ?? makeSignal()
  return state.signal
}

/**
 * https://fetch.spec.whatwg.org/#dom-request
 * @param from the inside of `input`, where that is a Request
 */
export function buildState(
  input: unknown,
  init: Record<string, unknown>,
  from: RequestState | null,
): RequestState {
  const state: RequestState = { ...(from ?? DEFAULTS), headers: null, list: [], body: null, makeSignal: null }
  if (from === null) state.url = parseUrl(input)
  if (init.window !== undefined && init.window !== null) throw new TypeError('Request: window must be null')
  if (init.mode === 'navigate') throw new TypeError('Request: the mode cannot be "navigate"')
  readReferrer(state, init)
  for (const [key, values] of Object.entries(KNOWN)) readEnum(state, init, key, values)
  if (state.cache === 'only-if-cached' && state.mode !== 'same-origin')
    throw new TypeError('Request: the cache mode "only-if-cached" needs the mode "same-origin"')
  if (init.integrity !== undefined) state.integrity = `${init.integrity as string}`
  if (init.keepalive !== undefined) state.keepalive = Boolean(init.keepalive)
  if (init.duplex !== undefined && init.duplex !== 'half')
    throw new TypeError('Request: duplex must be "half"')
  if (init.method !== undefined) state.method = toMethod(init.method)
  if (state.mode === 'no-cors' && !SIMPLE.test(state.method))
    throw new TypeError(`Request: the mode "no-cors" does not allow the method ${state.method}`)
  state.signal = readSignal(init, from)
  state.headers = init.headers === undefined ? null : new Headers(init.headers)
  if (state.headers === null && from !== null)
    state.list = currentList(from).map((pair) => [pair[0], pair[1]])
  readBody(state, init, from)
  return state
}

function parseUrl(input: unknown): string {
  const text = String(input)
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new TypeError(`Request: "${text}" is not an absolute address`, { cause })
  }
  if (url.username !== '' || url.password !== '')
    throw new TypeError('Request: the address must not have a user name or a password in it')
  return url.href
}

/** Nothing here has an origin: an address is kept as it is, and never sent. */
function readReferrer(state: RequestState, init: Record<string, unknown>): void {
  if (init.referrer === undefined) return
  const text = toUSVString(init.referrer)
  if (text === '' || text === 'about:client') state.referrer = text
  else {
    try {
      state.referrer = new URL(text).href
    } catch (cause) {
      throw new TypeError(`Request: the referrer "${text}" is not an absolute address`, { cause })
    }
  }
}

function readEnum(
  state: RequestState,
  init: Record<string, unknown>,
  key: string,
  values: readonly string[],
): void {
  if (init[key] === undefined) return
  const value = `${init[key] as string}`
  if (!values.includes(value))
    throw new TypeError(`Request: ${key} must be one of ${values.join(', ')}: it is "${value}"`)
  if (key in DEFAULTS) (state as unknown as Record<string, unknown>)[key] = value
}

function toMethod(value: unknown): string {
  const method = `${value as string}`
  if (!METHOD.test(method)) throw new TypeError(`Request: "${method}" is not a method`)
  if (FORBIDDEN.test(method)) throw new TypeError(`Request: the method ${method} is not allowed`)
  return NORMALISED.test(method) ? method.toUpperCase() : method
}

function readSignal(init: Record<string, unknown>, from: RequestState | null): AbortSignal | null {
  if (init.signal === undefined) return from === null ? null : AbortSignal.any([signalOf(from)])
  if (init.signal === null) return null
  if (!(init.signal instanceof AbortSignal)) throw new TypeError('Request: signal must be an AbortSignal')
  return AbortSignal.any([init.signal])
}

function readBody(state: RequestState, init: Record<string, unknown>, from: RequestState | null): void {
  const given = init.body !== undefined && init.body !== null
  const bodiless = state.method === 'GET' || state.method === 'HEAD'
  if (bodiless && (given || (init.body === undefined && from?.body)))
    throw new TypeError(`Request: a ${state.method} request cannot have a body`)
  if (given) {
    const [body, type] = extractBody(init.body)
    if (body.stream !== null && init.duplex === undefined)
      throw new TypeError('Request: a body that is a stream needs duplex: "half"')
    state.body = body
    if (type !== null && !headersOf(state).has('content-type')) headersOf(state).append('content-type', type)
  } else if (from?.body && init.body !== null) {
    if (isUnusable(from.body)) throw new TypeError('Request: the body of the given request was read already')
    // The body moves: the request that it came from has none left to read.
    state.body = { ...from.body }
    if (from.body.stream !== null) state.body.stream = from.body.stream.pipeThrough(new TransformStream())
    from.body.used = true
  }
}
