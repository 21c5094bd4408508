import { reportException } from './event-target.ts'
import { LOCAL } from './host.ts'
import { post } from './outbox.ts'

let queue: (() => void)[] = []
let next = 0
let direct = false

/** @param allowed nothing has run yet since the host came in: what it brings is a task without further ado */
export function runDirectly(allowed: boolean): void {
  direct = allowed
}

/**
 * Runs the action as a task: alone, with no script below it and all promise jobs done before it. V8 does those jobs
 * when the host leaves the isolate, so each task is an entry of its own.
 */
export function queueTask(action: () => void): void {
  if (direct && next === queue.length) {
    direct = false
    run(action)
    return
  }
  queue.push(action)
  if (queue.length - next === 1) post(LOCAL.TURN, 0, '', null)
}

/** A TURN came: runs one task. */
export function turn(): void {
  const action = queue[next]
  if (action === undefined) return
  next++
  if (next === queue.length) {
    queue = []
    next = 0
  } else {
    post(LOCAL.TURN, 0, '', null)
    if (next >= 1024) {
      queue = queue.slice(next)
      next = 0
    }
  }
  run(action)
}

function run(action: () => void): void {
  try {
    action()
  } catch (error) {
    reportException(error)
  }
}
