import type { IncomingBody } from '../../javascript/incoming-body.ts'
import { AbortSignal } from './abort.ts'
import { bodyMembers, cloneBody, isUnusable, makeBody } from './body.ts'
import { need, toDictionary } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import type { Headers, Pair } from './headers.ts'
import { buildState, currentList, DEFAULTS, headersOf, type RequestState, signalOf } from './request-init.ts'

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
    const from = isRequest(input) ? stateOfRequest(input) : null
    this.#state = buildState(input, toDictionary(init, 'Request'), from)
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
    return signalOf(this.#state)
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
    body: bodiless ? null : makeBody(body),
    makeSignal: signal,
  })
}

function fromState(state: RequestState): Request {
  return new Request(TOKEN, state)
}

bodyMembers(Request.prototype, (holder) => {
  const state = stateOfRequest(holder)
  return { body: state.body, type: () => headersOf(state).get('content-type') }
})
exposeInterfaces({ Request })
