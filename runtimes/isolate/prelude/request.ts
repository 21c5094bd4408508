import type { IncomingBody } from '../../javascript/incoming-body.ts'
import { AbortSignal, makeSignal } from './abort.ts'
import { type Body, bodyMembers, cloneBody, extractBody, isUnusable } from './body.ts'
import { need, toDictionary } from './convert.ts'
import { exposeInterfaces } from './define.ts'
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
}
const TOKEN = Symbol('Request')

let stateOfRequest: (request: unknown) => RequestState
let isRequest: (value: unknown) => value is Request

/** https://fetch.spec.whatwg.org/#request-class */
export class Request {
  readonly #state: RequestState

  static {
    isRequest = (value): value is Request => typeof value === 'object' && value !== null && #state in value
    stateOfRequest = (request) => (request as Request).#state
  }

  constructor(input: unknown, init: unknown = undefined) {
    if (input === TOKEN) {
      this.#state = init as RequestState
      return
    }
    need(arguments.length, 1, 'Request')
    this.#state = buildState(input, toDictionary(init, 'Request'))
  }

  get method(): string {
    return this.#state.method
  }
  get url(): string {
    return this.#state.url
  }
  get headers(): Headers {
    return headersOf(this.#state)
  }
  get signal(): AbortSignal {
    const state = this.#state
    state.signal ??= (state.makeSignal?.() as AbortSignal | undefined) ?? makeSignal()
    return state.signal
  }
  get redirect(): string {
    return this.#state.redirect
  }
  get cache(): string {
    return this.#state.cache
  }
  get credentials(): string {
    return this.#state.credentials
  }
  get mode(): string {
    return this.#state.mode
  }
  get destination(): string {
    void this.#state
    return ''
  }
  get referrer(): string {
    return this.#state.referrer
  }
  get referrerPolicy(): string {
    return this.#state.referrerPolicy
  }
  get integrity(): string {
    return this.#state.integrity
  }
  get keepalive(): boolean {
    return this.#state.keepalive
  }
  get duplex(): string {
    void this.#state
    return 'half'
  }
  get isReloadNavigation(): boolean {
    void this.#state
    return false
  }
  get isHistoryNavigation(): boolean {
    void this.#state
    return false
  }

  clone(): Request {
    const state = this.#state
    if (isUnusable(state.body)) throw new TypeError('Request.clone: the body was read already, or is locked')
    return fromState({
      ...state,
      headers: null,
      list: currentList(state).map((pair) => [pair[0], pair[1]]),
      body: state.body === null ? null : cloneBody(state.body),
      signal: AbortSignal.any([this.signal]),
      makeSignal: null,
    })
  }
}

export { isRequest, stateOfRequest }

/** The request of a call: nothing is built before it is looked at. */
export function incomingRequest(
  method: string,
  url: string,
  list: Pair[],
  body: IncomingBody,
  signal: () => globalThis.AbortSignal,
): Request {
  const bodiless = method === 'GET' || method === 'HEAD' || body.empty
  return fromState({
    ...DEFAULTS,
    method,
    url,
    list,
    body: bodiless ? null : { source: body, stream: null, used: false },
    makeSignal: signal,
  })
}

export function currentList(state: RequestState): Pair[] {
  return state.headers === null ? state.list : listOf(state.headers)
}

const DEFAULTS: RequestState = {
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

function fromState(state: RequestState): Request {
  return new Request(TOKEN, state)
}

function headersOf(state: RequestState): Headers {
  state.headers ??= makeHeaders(state.list, false)
  return state.headers
}

function buildState(input: unknown, init: Record<string, unknown>): RequestState {
  const from = isRequest(input) ? stateOfRequest(input) : null
  const state: RequestState = { ...(from ?? DEFAULTS), headers: null, list: [], body: null, makeSignal: null }
  if (from === null) state.url = parseUrl(input)
  if (init.window !== undefined && init.window !== null) throw new TypeError('Request: window must be null')
  if (init.mode === 'navigate') throw new TypeError('Request: the mode cannot be "navigate"')
  for (const [key, values] of Object.entries(KNOWN)) readEnum(state, init, key, values)
  for (const key of ['referrer', 'integrity'] as const)
    if (init[key] !== undefined) state[key] = `${init[key] as string}`
  if (init.keepalive !== undefined) state.keepalive = Boolean(init.keepalive)
  if (init.duplex !== undefined && init.duplex !== 'half')
    throw new TypeError('Request: duplex must be "half"')
  if (init.method !== undefined) state.method = toMethod(init.method)
  state.signal = readSignal(init, from, input as Request)
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
  ;(state as unknown as Record<string, unknown>)[key] = value
}

function toMethod(value: unknown): string {
  const method = `${value as string}`
  if (!METHOD.test(method)) throw new TypeError(`Request: "${method}" is not a method`)
  if (FORBIDDEN.test(method)) throw new TypeError(`Request: the method ${method} is not allowed`)
  return NORMALISED.test(method) ? method.toUpperCase() : method
}

function readSignal(
  init: Record<string, unknown>,
  from: RequestState | null,
  input: Request,
): AbortSignal | null {
  if (init.signal === undefined) return from === null ? null : AbortSignal.any([input.signal])
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

bodyMembers(Request.prototype, (holder) => {
  const state = stateOfRequest(holder)
  return { body: state.body, type: () => headersOf(state).get('content-type') ?? '' }
})
exposeInterfaces({ Request })
