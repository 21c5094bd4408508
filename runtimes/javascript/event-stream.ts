/** One event of a stream, as its end was read. */
export interface StreamedEvent {
  readonly type: string
  readonly data: string
  readonly lastEventId: string
}

const DIGITS = /^[0-9]+$/
const LINE_END = /\r\n|\n|\r/g

/** Reads https://html.spec.whatwg.org/#event-stream-interpretation, text by text as it comes. */
export class EventStreamParser {
  readonly #onEvent: (event: StreamedEvent) => void
  readonly #onRetry: (milliseconds: number) => void
  #rest = ''
  #data: string[] = []
  #type = ''
  #idField: string
  /** As of the last event that was whole, with data or without. */
  lastEventId: string

  constructor(
    lastId: string,
    onEvent: (event: StreamedEvent) => void,
    onRetry: (milliseconds: number) => void,
  ) {
    this.#idField = lastId
    this.lastEventId = lastId
    this.#onEvent = onEvent
    this.#onRetry = onRetry
  }

  push(text: string): void {
    const all = this.#rest + text
    let start = 0
    for (const { 0: end, index } of all.matchAll(LINE_END)) {
      // A carriage return at the very end may be half of a line end.
      if (end === '\r' && index === all.length - 1) break
      this.#line(all.slice(start, index))
      start = index + end.length
    }
    this.#rest = all.slice(start)
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon === -1 ? line : line.slice(0, colon)
    const raw = colon === -1 ? '' : line.slice(colon + 1)
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (name === 'event') this.#type = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id') {
      if (!value.includes('\0')) this.#idField = value
    } else if (name === 'retry' && DIGITS.test(value)) this.#onRetry(Number(value))
  }

  #dispatch(): void {
    const data = this.#data
    const type = this.#type || 'message'
    this.#data = []
    this.#type = ''
    this.lastEventId = this.#idField
    if (data.length > 0) this.#onEvent({ type, data: data.join('\n'), lastEventId: this.lastEventId })
  }
}
