import { utf8 } from './bytes.ts'
import { EventStreamParser, type StreamedEvent } from './event-stream.ts'
import { defineConstants, type EventTools } from './event-tools.ts'

type Fetch = (input: string, init: RequestInit) => Promise<Response>

const CONNECTING = 0
const OPEN = 1
const CLOSED = 2
/** Pause before a lost connection is made again, unless the stream names another. Milliseconds. */
const RETRY = 3000
const MAX_RETRY = 0x7fff_ffff

/** A header's characters are bytes: others go as those of their UTF-8. */
function headerText(text: string): string {
  let bytes = ''
  for (const byte of utf8(text)) bytes += String.fromCharCode(byte)
  return bytes
}

/** Makes the class of https://html.spec.whatwg.org/#the-eventsource-interface on a platform's events and `fetch`. */
export function createEventSource({ fire, attribute, queueTask }: EventTools, fetch: Fetch) {
  const {
    EventTarget,
    MessageEvent,
    Event,
    AbortController,
    TextDecoderStream,
    DOMException,
    URL,
    setTimeout,
  } = globalThis

  class EventSource extends EventTarget {
    readonly #url: string
    readonly #withCredentials: boolean
    readonly #abort = new AbortController()
    #state = CONNECTING
    #lastId = ''
    #retry = RETRY

    constructor(url: unknown, init: unknown = undefined) {
      // biome-ignore lint/complexity/noArguments: Web IDL counts the arguments that were given
      if (arguments.length === 0) throw new TypeError('EventSource: 1 argument required, but only 0 present')
      const text = `${url as string}`
      if (!URL.canParse(text))
        throw new DOMException(`Cannot connect to "${text}": it must be an absolute address`, 'SyntaxError')
      super()
      this.#url = new URL(text).href
      this.#withCredentials = Boolean((init as EventSourceInit | null | undefined)?.withCredentials)
      void this.#connect()
    }

    get url(): string {
      return this.#url
    }
    get withCredentials(): boolean {
      return this.#withCredentials
    }
    get readyState(): number {
      return this.#state
    }

    close(): void {
      this.#state = CLOSED
      this.#abort.abort()
    }

    async #connect(): Promise<void> {
      const headers: Record<string, string> = { accept: 'text/event-stream', 'cache-control': 'no-cache' }
      if (this.#lastId !== '') headers['last-event-id'] = headerText(this.#lastId)
      let response: Response
      try {
        response = await fetch(this.#url, { headers, signal: this.#abort.signal })
      } catch {
        this.#reconnect()
        return
      }
      const type = response.headers.get('content-type') ?? ''
      if (response.status !== 200 || !/^text\/event-stream\s*(?:;|$)/i.test(type) || response.body === null) {
        response.body?.cancel().catch(() => {})
        this.#task(() => this.#fail())
        return
      }
      this.#task(() => {
        this.#state = OPEN
        fire(this, new Event('open'))
      })
      await this.#read(response.body, new URL(response.url).origin)
      this.#reconnect()
    }

    /** Reads until the connection ends, in whatever way. */
    async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>, origin: string): Promise<void> {
      const parser = new EventStreamParser(
        this.#lastId,
        (event) => this.#task(() => this.#dispatch(event, origin)),
        (milliseconds) => {
          this.#retry = Math.min(milliseconds, MAX_RETRY)
        },
      )
      try {
        const reader = body.pipeThrough(new TextDecoderStream()).getReader()
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          parser.push(piece.value)
          this.#lastId = parser.lastEventId
          // Events that their listeners have not had hold back the stream.
          await new Promise<void>((resolve) => queueTask(resolve))
        }
      } catch {
        // It is made again as after an orderly end.
      }
    }

    #dispatch({ type, data, lastEventId }: StreamedEvent, origin: string): void {
      fire(this, new MessageEvent(type, { data, lastEventId, origin }))
    }

    #reconnect(): void {
      this.#task(() => {
        this.#state = CONNECTING
        fire(this, new Event('error'))
        setTimeout(() => {
          if (this.#state === CONNECTING) void this.#connect()
        }, this.#retry)
      })
    }

    #fail(): void {
      this.#state = CLOSED
      fire(this, new Event('error'))
    }

    /** A source that was closed tells nothing more. */
    #task(action: () => void): void {
      queueTask(() => {
        if (this.#state !== CLOSED) action()
      })
    }
  }

  defineConstants(EventSource, { CONNECTING, OPEN, CLOSED })
  for (const name of ['open', 'message', 'error']) attribute(EventSource.prototype, name)
  return EventSource
}
