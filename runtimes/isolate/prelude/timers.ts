import { need } from './convert.ts'
import { expose } from './define.ts'
import { reportException } from './event-target.ts'
import { LOCAL } from './host.ts'
import { post } from './outbox.ts'
import { type Timer, TimerHeap } from './timer-heap.ts'

const apply = Reflect.apply
const now = Date.now
const settled = Promise.resolve()
const then = Promise.prototype.then
const LONGEST = 0x7fff_ffff
/** Timers that set timers run no more often than this after so many levels, as the HTML standard has it. */
const NESTING = 5
const CLAMP = 4

const heap = new TimerHeap()
const active = new Map<number, Timer>()
let nextId = 1
let level = 0
/** When the host was last asked to wake us; Infinity when it was not. */
let wakeAt = Number.POSITIVE_INFINITY

/** Runs `action` once, for the platform's own use. */
export function afterMilliseconds(delay: number, action: () => void): void {
  schedule(action, [], delay, false)
}

/** A TICK came: runs what is due. */
export function tick(): void {
  wakeAt = Number.POSITIVE_INFINITY
  const until = now()
  // Timers that are set meanwhile wait for the next tick, so that a tick ends.
  const last = nextId
  for (
    let timer = heap.peek();
    timer !== null && timer.at <= until && timer.order < last;
    timer = heap.peek()
  ) {
    heap.pop()
    if (!active.has(timer.id)) continue
    level = timer.level
    runTimer(timer)
    level = 0
  }
  wake()
}

function runTimer(timer: Timer): void {
  if (timer.every === null) active.delete(timer.id)
  try {
    apply(timer.action, globalThis, timer.args)
  } catch (error) {
    reportException(error)
  }
  if (timer.every === null || !active.has(timer.id)) return
  timer.level++
  timer.at = now() + clamp(timer.every, timer.level)
  timer.order = nextId++
  heap.push(timer)
}

function schedule(action: Timer['action'], args: unknown[], delay: number, repeat: boolean): number {
  const id = nextId++
  const nesting = level + 1
  const timer: Timer = {
    id,
    order: id,
    at: now() + clamp(delay, nesting),
    every: repeat ? delay : null,
    action,
    args,
    level: nesting,
  }
  active.set(id, timer)
  heap.push(timer)
  wake()
  return id
}

/** Asks the host for one wake-up, at the earliest timer. */
function wake(): void {
  let first = heap.peek()
  while (first !== null && !active.has(first.id)) {
    heap.pop()
    first = heap.peek()
  }
  if (first === null || first.at >= wakeAt) return
  wakeAt = first.at
  post(LOCAL.WAKE, 0, String(Math.max(0, first.at - now())), null)
}

function clamp(delay: number, nesting: number): number {
  return nesting > NESTING && delay < CLAMP ? CLAMP : delay
}

function toDelay(value: unknown): number {
  const delay = Math.trunc(Number(value))
  return delay >= 0 && delay <= LONGEST ? delay : 0
}

function toAction(handler: unknown, what: string): Timer['action'] {
  if (typeof handler === 'function') return handler as Timer['action']
  throw new TypeError(`${what}: the handler must be a function`)
}

function clear(id: unknown): void {
  // What was cleared stays in the heap until its moment; too many of those would be a leak.
  if (active.delete(Number(id)) && heap.size > 64 && heap.size > active.size * 2)
    heap.prune((timer) => active.has(timer.id))
}

// Written as methods, so that they are neither constructors nor enumerable oddities.
const functions = {
  setTimeout(handler: unknown, delay: unknown = 0, ...args: unknown[]): number {
    need(arguments.length, 1, 'setTimeout')
    return schedule(toAction(handler, 'setTimeout'), args, toDelay(delay), false)
  },
  setInterval(handler: unknown, delay: unknown = 0, ...args: unknown[]): number {
    need(arguments.length, 1, 'setInterval')
    return schedule(toAction(handler, 'setInterval'), args, toDelay(delay), true)
  },
  clearTimeout(id: unknown = 0): void {
    clear(id)
  },
  clearInterval(id: unknown = 0): void {
    clear(id)
  },
  queueMicrotask(callback: unknown): void {
    if (typeof callback !== 'function') throw new TypeError('queueMicrotask: the callback must be a function')
    apply(then, settled, [
      () => {
        try {
          apply(callback as () => void, undefined, [])
        } catch (error) {
          reportException(error)
        }
      },
    ])
  },
}

for (const [name, value] of Object.entries(functions)) expose(name, value, true)
