import { clockOrigin, elapsed } from './clock.ts'
import { need, toDOMString } from './convert.ts'
import { expose, exposeInterfaces } from './define.ts'
import { EventTarget } from './event-target.ts'
import { PerformanceMark, type PerformanceMeasure, type Timed, Timeline } from './user-timing.ts'

const TOKEN = Symbol('Performance')

/** https://w3c.github.io/hr-time/#sec-performance in steps of 0.1 ms. */
export class Performance extends EventTarget {
  readonly #timeline = new Timeline()

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    super()
  }

  get timeOrigin(): number {
    // Not on anything that merely inherits from it.
    return #timeline in this ? clockOrigin() : illegal()
  }

  now(): number {
    return #timeline in this ? elapsed() : illegal()
  }

  mark(name: unknown, options: unknown = undefined): PerformanceMark {
    need(arguments.length, 1, 'Performance.mark')
    return this.#timeline.add(new PerformanceMark(name, options))
  }

  measure(name: unknown, start: unknown = undefined, end: unknown = undefined): PerformanceMeasure {
    need(arguments.length, 1, 'Performance.measure')
    return this.#timeline.add(this.#timeline.measure(toDOMString(name), start, end))
  }

  getEntries(): Timed[] {
    return this.#timeline.entries()
  }

  getEntriesByType(type: unknown): Timed[] {
    need(arguments.length, 1, 'Performance.getEntriesByType')
    const wanted = toDOMString(type)
    return this.#timeline.entries().filter(({ entryType }) => entryType === wanted)
  }

  getEntriesByName(name: unknown, type: unknown = undefined): Timed[] {
    need(arguments.length, 1, 'Performance.getEntriesByName')
    const wanted = toDOMString(name)
    return this.#timeline
      .entries()
      .filter((entry) => entry.name === wanted && (type === undefined || entry.entryType === type))
  }

  clearMarks(name: unknown = undefined): void {
    this.#timeline.clear('mark', name)
  }

  clearMeasures(name: unknown = undefined): void {
    this.#timeline.clear('measure', name)
  }

  toJSON(): object {
    return { timeOrigin: this.timeOrigin }
  }
}

function illegal(): never {
  throw new TypeError('Illegal invocation')
}

exposeInterfaces({ Performance })
expose('performance', new Performance(TOKEN), true)
