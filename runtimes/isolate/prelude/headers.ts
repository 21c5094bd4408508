import { need } from './convert.ts'
import { exposeInterfaces } from './define.ts'

export type Pair = [name: string, value: string]

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[^\0\r\n\u0100-\uffff]*$/
const BYTES = /^[\0-\xff]*$/
const EDGES = /^[\t\n\r ]+|[\t\n\r ]+$/g
const IMMUTABLE = 'Headers: these headers cannot be changed'

let listOf: (headers: Headers) => Pair[]
let makeHeaders: (list: Pair[], immutable: boolean) => Headers
const TOKEN_LIST = Symbol('Headers')

/** https://fetch.spec.whatwg.org/#headers-class. Names are kept in lower case, as HTTP/2 sends them. */
export class Headers {
  /** In the order they were added; the same name may come several times. */
  #list: Pair[]
  #immutable = false

  static {
    listOf = (headers) => headers.#list
    makeHeaders = (list, immutable) => {
      const headers = new Headers(TOKEN_LIST as never)
      headers.#list = list
      headers.#immutable = immutable
      return headers
    }
  }

  constructor(init: unknown = undefined) {
    this.#list = []
    if (init === undefined || init === (TOKEN_LIST as unknown)) return
    this.#fill(init)
  }

  append(name: unknown, value: unknown): void {
    need(arguments.length, 2, 'Headers.append')
    const key = toName(name)
    const text = toValue(key, value)
    this.#check()
    this.#list.push([key, text])
  }

  delete(name: unknown): void {
    need(arguments.length, 1, 'Headers.delete')
    const key = toName(name)
    this.#check()
    if (this.#list.some((pair) => pair[0] === key)) this.#list = this.#list.filter((pair) => pair[0] !== key)
  }

  get(name: unknown): string | null {
    need(arguments.length, 1, 'Headers.get')
    const key = toName(name)
    let text: string | null = null
    for (const pair of this.#list) {
      if (pair[0] === key) text = text === null ? pair[1] : `${text}, ${pair[1]}`
    }
    return text
  }

  getSetCookie(): string[] {
    return this.#list.filter((pair) => pair[0] === 'set-cookie').map((pair) => pair[1])
  }

  has(name: unknown): boolean {
    need(arguments.length, 1, 'Headers.has')
    const key = toName(name)
    return this.#list.some((pair) => pair[0] === key)
  }

  set(name: unknown, value: unknown): void {
    need(arguments.length, 2, 'Headers.set')
    const key = toName(name)
    const text = toValue(key, value)
    this.#check()
    const first = this.#list.findIndex((pair) => pair[0] === key)
    if (first === -1) this.#list.push([key, text])
    else
      this.#list = this.#list.flatMap((pair, index) =>
        index === first ? [[key, text]] : pair[0] === key ? [] : [pair],
      )
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    need(arguments.length, 1, 'Headers.forEach')
    if (typeof callback !== 'function')
      throw new TypeError('Headers.forEach: the callback must be a function')
    for (const [name, value] of this) Reflect.apply(callback as () => void, thisArgument, [value, name, this])
  }

  entries(): HeadersIterator<Pair> {
    return new HeadersIterator(this, (pair) => [pair[0], pair[1]])
  }

  keys(): HeadersIterator<string> {
    return new HeadersIterator(this, (pair) => pair[0])
  }

  values(): HeadersIterator<string> {
    return new HeadersIterator(this, (pair) => pair[1])
  }

  declare [Symbol.iterator]: () => HeadersIterator<Pair>

  #check(): void {
    if (this.#immutable) throw new TypeError(IMMUTABLE)
  }

  #fill(init: unknown): void {
    if ((typeof init !== 'object' && typeof init !== 'function') || init === null)
      throw new TypeError('Headers: the argument must be headers, a list of pairs or an object')
    if (#list in init && init[Symbol.iterator] === Headers.prototype[Symbol.iterator]) {
      this.#list = init.#list.map((pair) => [pair[0], pair[1]])
      return
    }
    const iterator = (init as Iterable<unknown>)[Symbol.iterator]
    if (iterator !== undefined && iterator !== null) {
      if (typeof iterator !== 'function') throw new TypeError('Headers: the argument is not iterable')
      for (const entry of init as Iterable<unknown>) {
        if (typeof entry !== 'object' || entry === null)
          throw new TypeError('Headers: every entry must be a pair')
        const pair = [...(entry as Iterable<unknown>)]
        if (pair.length !== 2)
          throw new TypeError(`Headers: every entry must be a pair: one has ${pair.length} items`)
        this.append(pair[0], pair[1])
      }
      return
    }
    // A record is read to its end before anything of it counts.
    const pairs: Pair[] = []
    for (const key of Reflect.ownKeys(init)) {
      if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue
      const name = toByteString(key)
      pairs.push([name, toByteString((init as Record<PropertyKey, unknown>)[key])])
    }
    for (const [name, value] of pairs) this.append(name, value)
  }
}

Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  writable: true,
  configurable: true,
})

/** Sorted by name, combined; set-cookie stays apart. Follows changes, as the standard has it. */
class HeadersIterator<T> {
  readonly #headers: Headers
  readonly #pick: (pair: Pair) => T
  #index = 0

  constructor(headers: Headers, pick: (pair: Pair) => T) {
    this.#headers = headers
    this.#pick = pick
  }

  next(): IteratorResult<T> {
    const pairs = sorted(listOf(this.#headers))
    const pair = pairs[this.#index]
    if (pair === undefined) return { done: true, value: undefined }
    this.#index++
    return { done: false, value: this.#pick(pair) }
  }

  declare [Symbol.iterator]: () => HeadersIterator<T>
}
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
delete (HeadersIterator.prototype as { constructor?: unknown }).constructor
Object.setPrototypeOf(HeadersIterator.prototype, IteratorPrototype)
Object.defineProperty(HeadersIterator.prototype, 'next', { enumerable: true })
Object.defineProperty(HeadersIterator.prototype, Symbol.toStringTag, {
  value: 'Headers Iterator',
  configurable: true,
})

let sortedFrom: Pair[] | null = null
let sortedLength = 0
let sortedPairs: Pair[] = []

/** One walk sorts once: the last result is kept while its list is the same. */
function sorted(list: Pair[]): Pair[] {
  if (sortedFrom === list && sortedLength === list.length) return sortedPairs
  const combined: Pair[] = []
  const seen = new Map<string, Pair>()
  for (const [name, value] of list) {
    const before = name === 'set-cookie' ? undefined : seen.get(name)
    if (before !== undefined) before[1] = `${before[1]}, ${value}`
    else {
      const pair: Pair = [name, value]
      seen.set(name, pair)
      combined.push(pair)
    }
  }
  combined.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0))
  sortedFrom = list
  sortedLength = list.length
  sortedPairs = combined
  return combined
}

function toByteString(value: unknown): string {
  const text = typeof value === 'string' ? value : `${value as string}`
  if (!BYTES.test(text)) throw new TypeError(`Headers: "${text}" has characters beyond Latin-1`)
  return text
}

function toName(name: unknown): string {
  const text = typeof name === 'string' ? name : `${name as string}`
  if (!TOKEN.test(text)) throw new TypeError(`Headers: "${text}" is not a header name`)
  return text.toLowerCase()
}

function toValue(name: string, value: unknown): string {
  const text = (typeof value === 'string' ? value : `${value as string}`).replace(EDGES, '')
  if (!VALUE.test(text))
    throw new TypeError(`Headers: the value of "${name}" has characters that a header cannot carry`)
  return text
}

export { listOf, makeHeaders }

exposeInterfaces({ Headers })
