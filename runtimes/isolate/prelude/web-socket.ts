import { createEventSource } from '../../javascript/event-source.ts'
import type { EventTools } from '../../javascript/event-tools.ts'
import { FetchEvent } from '../../javascript/fetch-event.ts'
import { createWebSocket, type OpenSocket } from '../../javascript/web-socket.ts'
import { need, toDictionary, toUSVString } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { Event } from './event.ts'
import { fire, handlerAttribute } from './event-target.ts'
import { queueTask } from './tasks.ts'

/** https://websockets.spec.whatwg.org/#the-closeevent-interface */
export class CloseEvent extends Event {
  readonly #wasClean: boolean
  readonly #code: number
  readonly #reason: string

  constructor(type: unknown, init: unknown = undefined) {
    need(arguments.length, 1, 'CloseEvent')
    super(type, init)
    const { wasClean, code, reason } = toDictionary(init, 'CloseEvent')
    this.#wasClean = Boolean(wasClean)
    this.#code = Number(code ?? 0) & 0xffff
    this.#reason = reason === undefined ? '' : toUSVString(reason)
  }

  get wasClean(): boolean {
    return this.#wasClean
  }
  get code(): number {
    return this.#code
  }
  get reason(): string {
    return this.#reason
  }
}

exposeInterfaces({ CloseEvent, FetchEvent })

type Fetch = Parameters<typeof createEventSource>[1]

let open: OpenSocket
let fetch: Fetch

/** The ways out to the network, once they are there. */
export function connectWith(ways: { readonly open: OpenSocket; readonly fetch: Fetch }): void {
  open = ways.open
  fetch = ways.fetch
}

const tools = { fire, attribute: handlerAttribute, queueTask } as unknown as EventTools

exposeInterfaces({
  WebSocket: createWebSocket(tools, (url, protocols, hooks) => open(url, protocols, hooks)),
  EventSource: createEventSource(tools, (input, init) => fetch(input, init)),
})
