import { Blob, blobBytes, File } from './blob.ts'
import { need, toUSVString } from './convert.ts'
import { exposeInterfaces } from './define.ts'

export type Entry = [name: string, value: string | File]

let entriesOf: (data: FormData) => Entry[]

/** https://xhr.spec.whatwg.org/#interface-formdata */
export class FormData {
  #entries: Entry[] = []

  static {
    entriesOf = (data) => data.#entries
  }

  constructor(form: unknown = undefined) {
    if (form !== undefined)
      throw new TypeError('FormData: there are no forms here, call it without arguments')
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    need(arguments.length, 2, 'FormData.append')
    this.#entries.push(toEntry(name, value, filename, arguments.length > 2))
  }

  delete(name: unknown): void {
    need(arguments.length, 1, 'FormData.delete')
    const key = toUSVString(name)
    this.#entries = this.#entries.filter((entry) => entry[0] !== key)
  }

  get(name: unknown): string | File | null {
    need(arguments.length, 1, 'FormData.get')
    const key = toUSVString(name)
    return this.#entries.find((entry) => entry[0] === key)?.[1] ?? null
  }

  getAll(name: unknown): (string | File)[] {
    need(arguments.length, 1, 'FormData.getAll')
    const key = toUSVString(name)
    return this.#entries.filter((entry) => entry[0] === key).map((entry) => entry[1])
  }

  has(name: unknown): boolean {
    need(arguments.length, 1, 'FormData.has')
    const key = toUSVString(name)
    return this.#entries.some((entry) => entry[0] === key)
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    need(arguments.length, 2, 'FormData.set')
    const entry = toEntry(name, value, filename, arguments.length > 2)
    const first = this.#entries.findIndex((other) => other[0] === entry[0])
    if (first === -1) this.#entries.push(entry)
    else {
      this.#entries = this.#entries.filter((other, index) => index <= first || other[0] !== entry[0])
      this.#entries[first] = entry
    }
  }

  forEach(callback: unknown, thisArgument: unknown = undefined): void {
    need(arguments.length, 1, 'FormData.forEach')
    if (typeof callback !== 'function')
      throw new TypeError('FormData.forEach: the callback must be a function')
    for (const [name, value] of this) Reflect.apply(callback as () => void, thisArgument, [value, name, this])
  }

  *entries(): Generator<Entry> {
    for (let index = 0; index < this.#entries.length; index++) {
      const [name, value] = this.#entries[index]!
      yield [name, value]
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name
  }

  *values(): Generator<string | File> {
    for (const [, value] of this) yield value
  }

  declare [Symbol.iterator]: () => Generator<Entry>
}

Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries,
  writable: true,
  configurable: true,
})

export { entriesOf }

function toEntry(name: unknown, value: unknown, filename: unknown, named: boolean): Entry {
  const key = toUSVString(name)
  if (!(value instanceof Blob)) {
    if (named) throw new TypeError('FormData: only a Blob can have a file name')
    return [key, toUSVString(value)]
  }
  if (value instanceof File && !named) return [key, value]
  const lastModified = value instanceof File ? value.lastModified : Date.now()
  const label = named ? toUSVString(filename) : 'blob'
  return [key, new File([blobBytes(value)], label, { type: value.type, lastModified })]
}

exposeInterfaces({ FormData })
