import type { IncomingBody } from '../../javascript/incoming-body.ts'
import type { AbortSignal } from './abort.ts'
import { type Body, bodyMembers, cloneBody, extractBody, isUnusable, makeBody } from './body.ts'
import { need, toDictionary } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { Headers, listOf, makeHeaders, type Pair } from './headers.ts'
import { URL } from './url.ts'

/** What a Response is. Its Headers are made when they are first looked at. */
export interface ResponseState {
  type: string
  url: string
  redirected: boolean
  status: number
  statusText: string
  headers: Headers | null
  list: Pair[]
  immutable: boolean
  body: Body | null
}

const NULL_BODY = new Set([101, 103, 204, 205, 304])
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/
const TOKEN = Symbol('Response')
const TEXT_TYPE = 'text/plain;charset=UTF-8'
const stringify = JSON.stringify

let stateOfResponse: (response: unknown) => ResponseState
let isResponse: (value: unknown) => value is Response

/** https://fetch.spec.whatwg.org/#response-class */
export class Response {
  readonly #state: ResponseState

  static {
    isResponse = (value): value is Response => typeof value === 'object' && value !== null && #state in value
    stateOfResponse = (response) => (response as Response).#state
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    if (body === TOKEN) {
      this.#state = init as ResponseState
      return
    }
    const state = blank()
    this.#state = state
    if (init !== undefined && init !== null) readInit(state, toDictionary(init, 'Response'))
    if (body === null || body === undefined) return
    // The plain case without detours: a text, and nobody has looked at the headers.
    if (typeof body === 'string' && state.headers === null) {
      checkBodyAllowed(state)
      state.body = makeBody(body.toWellFormed())
      state.list.push(['content-type', TEXT_TYPE])
    } else setBody(state, body)
  }

  static error(): Response {
    return fromState({ ...blank(), type: 'error', status: 0, immutable: true })
  }

  static json(data: unknown, init: unknown = undefined): Response {
    need(arguments.length, 1, 'Response.json')
    const text = stringify(data) as string | undefined
    if (text === undefined) throw new TypeError('Response.json: the data cannot be written as JSON')
    const state = blank()
    if (init !== undefined && init !== null) readInit(state, toDictionary(init, 'Response.json'))
    checkBodyAllowed(state)
    state.body = makeBody(text)
    addType(state, 'application/json')
    return fromState(state)
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    need(arguments.length, 1, 'Response.redirect')
    let location: string
    try {
      location = new URL(String(url)).href
    } catch (cause) {
      throw new TypeError(`Response.redirect: "${String(url)}" is not an absolute address`, { cause })
    }
    const code = Number(status) & 0xffff
    if (!REDIRECTS.has(code))
      throw new RangeError(`Response.redirect: ${code} is not the status of a redirect`)
    return fromState({ ...blank(), status: code, list: [['location', location]], immutable: true })
  }

  get type(): string {
    return this.#state.type
  }
  get url(): string {
    return this.#state.url
  }
  get redirected(): boolean {
    return this.#state.redirected
  }
  get status(): number {
    return this.#state.status
  }
  get ok(): boolean {
    return this.#state.status >= 200 && this.#state.status <= 299
  }
  get statusText(): string {
    return this.#state.statusText
  }
  get headers(): Headers {
    return headersOf(this.#state)
  }

  clone(): Response {
    const state = this.#state
    if (isUnusable(state.body)) throw new TypeError('Response.clone: the body was read already, or is locked')
    return fromState({
      ...state,
      headers: null,
      list: responseList(state).map((pair) => [pair[0], pair[1]]),
      body: state.body === null ? null : cloneBody(state.body),
    })
  }
}

export { isResponse, stateOfResponse }

/** The response of a fetch. */
export function fetchedResponse(
  head: { status: number; statusText: string; headers: Pair[]; url: string; redirected: boolean },
  body: IncomingBody | null,
  signal: AbortSignal | null,
): Response {
  const bodiless = body === null || NULL_BODY.has(head.status)
  return fromState({
    ...blank(),
    type: 'basic',
    url: head.url.split('#', 1)[0]!,
    redirected: head.redirected,
    status: head.status,
    statusText: head.statusText,
    list: head.headers.map(([name, value]) => [name.toLowerCase(), value]),
    immutable: true,
    body: bodiless ? null : makeBody(body, signal),
  })
}

export function responseList(state: ResponseState): Pair[] {
  return state.headers === null ? state.list : listOf(state.headers)
}

function blank(): ResponseState {
  return {
    type: 'default',
    url: '',
    redirected: false,
    status: 200,
    statusText: '',
    headers: null,
    list: [],
    immutable: false,
    body: null,
  }
}

function fromState(state: ResponseState): Response {
  return new Response(TOKEN, state)
}

function headersOf(state: ResponseState): Headers {
  state.headers ??= makeHeaders(state.list, state.immutable)
  return state.headers
}

function readInit(state: ResponseState, init: Record<string, unknown>): void {
  const { status, statusText, headers } = init
  if (status !== undefined) {
    const code = typeof status === 'number' && Number.isInteger(status) ? status : Number(status) & 0xffff
    if (code < 200 || code > 599)
      throw new RangeError(`Response: the status must be 200 to 599: it is ${code}`)
    state.status = code
  }
  if (statusText !== undefined) {
    const text = `${statusText as string}`
    if (!REASON.test(text)) throw new TypeError('Response: statusText has characters that HTTP cannot carry')
    state.statusText = text
  }
  if (headers !== undefined) state.headers = new Headers(headers)
}

function setBody(state: ResponseState, init: unknown): void {
  checkBodyAllowed(state)
  const [body, type] = extractBody(init)
  state.body = body
  if (type !== null) addType(state, type)
}

function checkBodyAllowed(state: ResponseState): void {
  if (NULL_BODY.has(state.status))
    throw new TypeError(`Response: an answer with status ${state.status} cannot have a body`)
}

function addType(state: ResponseState, type: string): void {
  const list = responseList(state)
  if (!list.some((pair) => pair[0] === 'content-type')) list.push(['content-type', type])
}

bodyMembers(Response.prototype, (holder) => {
  const state = stateOfResponse(holder)
  return { body: state.body, type: () => headersOf(state).get('content-type') }
})
exposeInterfaces({ Response })
