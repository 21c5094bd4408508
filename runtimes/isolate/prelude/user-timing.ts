import { elapsed } from './clock.ts'
import { toDictionary, toDOMString } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'

const TOKEN = Symbol('PerformanceEntry')
/** What a function that lives long leaves behind is forgotten, the oldest first. */
const KEPT = 1000

let copyDetail: (detail: unknown) => unknown

/** Structured cloning comes later: it says so once it is there. */
export function cloneDetailsWith(clone: (detail: unknown) => unknown): void {
  copyDetail = clone
}

/** https://w3c.github.io/performance-timeline/#the-performanceentry-interface */
export class PerformanceEntry {
  readonly #name: string
  readonly #entryType: string
  readonly #startTime: number
  readonly #duration: number

  constructor(token: unknown, entryType: string, name: string, startTime: number, duration: number) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    this.#entryType = entryType
    this.#name = name
    this.#startTime = startTime
    this.#duration = duration
  }

  get name(): string {
    return this.#name
  }
  get entryType(): string {
    return this.#entryType
  }
  get startTime(): number {
    return this.#startTime
  }
  get duration(): number {
    return this.#duration
  }

  toJSON(): object {
    const { name, entryType, startTime, duration } = this
    return { name, entryType, startTime, duration }
  }
}

/** https://w3c.github.io/user-timing/#performancemark */
export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown

  constructor(name: unknown, options: unknown = undefined) {
    const { startTime, detail } = toDictionary(options, 'PerformanceMark')
    const time = startTime === undefined ? elapsed() : Number(startTime)
    if (!(time >= 0)) throw new TypeError(`PerformanceMark: startTime must be 0 or more: it is ${time}`)
    super(TOKEN, 'mark', toDOMString(name), time, 0)
    this.#detail = detail === undefined || detail === null ? null : copyDetail(detail)
  }

  get detail(): unknown {
    return this.#detail
  }
}

/** https://w3c.github.io/user-timing/#performancemeasure */
export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown

  constructor(token: unknown, name: string, start: number, end: number, detail: unknown) {
    super(token, 'measure', name, start, end - start)
    this.#detail = detail === undefined || detail === null ? null : copyDetail(detail)
  }

  get detail(): unknown {
    return this.#detail
  }
}

/** What the timeline holds. */
export type Timed = PerformanceMark | PerformanceMeasure

/** The entries of one instance. */
export class Timeline {
  #entries: Timed[] = []

  add<Entry extends Timed>(entry: Entry): Entry {
    if (this.#entries.length >= KEPT) this.#entries.shift()
    this.#entries.push(entry)
    return entry
  }

  /** In the order of their times. */
  entries(): Timed[] {
    return this.#entries.toSorted((one, other) => one.startTime - other.startTime)
  }

  clear(type: string, name: unknown): void {
    const wanted = name === undefined ? null : toDOMString(name)
    this.#entries = this.#entries.filter(
      (entry) => entry.entryType !== type || (wanted !== null && entry.name !== wanted),
    )
  }

  /** https://w3c.github.io/user-timing/#measure-method */
  measure(name: string, startOrOptions: unknown, endMark: unknown): PerformanceMeasure {
    if (typeof startOrOptions !== 'object' || startOrOptions === null) {
      const start = startOrOptions === undefined ? 0 : this.#time(startOrOptions)
      const end = endMark === undefined ? elapsed() : this.#time(endMark)
      return new PerformanceMeasure(TOKEN, name, start, end, null)
    }
    const { start, end, duration, detail } = startOrOptions as Record<string, unknown>
    if (endMark !== undefined || (start !== undefined && end !== undefined && duration !== undefined))
      throw new TypeError('Performance.measure: two of start, end and duration at most are taken')
    const length = Number(duration)
    const until =
      end !== undefined
        ? this.#time(end)
        : start !== undefined && duration !== undefined
          ? this.#time(start) + length
          : elapsed()
    const from =
      start !== undefined
        ? this.#time(start)
        : duration !== undefined && end !== undefined
          ? until - length
          : 0
    return new PerformanceMeasure(TOKEN, name, from, until, detail)
  }

  /** A time, or that of the latest mark with this name. */
  #time(mark: unknown): number {
    if (typeof mark === 'number') {
      if (mark < 0) throw new TypeError(`Performance.measure: a time must be 0 or more: it is ${mark}`)
      return mark
    }
    const name = toDOMString(mark)
    const found = this.#entries.findLast((entry) => entry.entryType === 'mark' && entry.name === name)
    if (found === undefined) throw new DOMException(`There is no mark "${name}"`, 'SyntaxError')
    return found.startTime
  }
}

exposeInterfaces({ PerformanceEntry, PerformanceMark, PerformanceMeasure })
