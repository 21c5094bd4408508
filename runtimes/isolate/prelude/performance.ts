import { expose, exposeInterfaces } from './define.ts'
import { EventTarget } from './event-target.ts'

const now = Date.now
const TOKEN = Symbol('Performance')
let origin = now()

/** The clock starts with the instance, not with the snapshot that it came from. */
export function startClock(): void {
  origin = now()
}

/** https://w3c.github.io/hr-time/ with millisecond steps: finer clocks help side channels more than functions. */
export class Performance extends EventTarget {
  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    super()
  }

  get timeOrigin(): number {
    return origin
  }

  now(): number {
    return now() - origin
  }

  toJSON(): object {
    return { timeOrigin: this.timeOrigin }
  }
}

exposeInterfaces({ Performance })
expose('performance', new Performance(TOKEN), true)
