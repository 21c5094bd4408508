// `node:events` where there is no Node.
import { AsyncResource } from './async-resource.ts'
import {
  captureRejectionSymbol,
  EventEmitter,
  errorMonitor,
  type Listener,
  type Name,
} from './events/emitter.ts'
import { addAbortListener, on, once } from './events/waiting.ts'

export { addAbortListener, captureRejectionSymbol, EventEmitter, errorMonitor, on, once }
export const captureRejections = false
export const defaultMaxListeners = 10
export const usingDomains = false

const targetLimits = new WeakMap<EventTarget, number>()

/** @see https://nodejs.org/api/events.html#eventssetmaxlistenersn-eventtargets */
export function setMaxListeners(
  count = defaultMaxListeners,
  ...targets: (EventEmitter | EventTarget)[]
): void {
  if (targets.length === 0) EventEmitter.defaultMaxListeners = count
  for (const target of targets) {
    if (target instanceof EventTarget) targetLimits.set(target, count)
    else target.setMaxListeners(count)
  }
}

/** @see https://nodejs.org/api/events.html#eventsgetmaxlistenersemitterortarget */
export function getMaxListeners(target: EventEmitter | EventTarget): number {
  if (target instanceof EventTarget) return targetLimits.get(target) ?? defaultMaxListeners
  return target.getMaxListeners()
}

/** @see https://nodejs.org/api/events.html#eventslistenercountemitterortarget-eventname */
export function listenerCount(emitter: EventEmitter, name: Name): number {
  return emitter.listenerCount(name)
}

/** Who listens on an event target is known to the engine alone. */
export function getEventListeners(emitter: EventEmitter, name: Name): Listener[] {
  return emitter.listeners(name)
}

/** @see https://nodejs.org/api/events.html#class-eventseventemitterasyncresource-extends-eventemitter */
export class EventEmitterAsyncResource extends EventEmitter {
  readonly asyncResource: AsyncResource

  constructor(options: { name?: string; captureRejections?: boolean } = {}) {
    super(options)
    this.asyncResource = new AsyncResource(options.name ?? new.target.name)
  }
  override emit(name: Name, ...args: unknown[]): boolean {
    return this.asyncResource.runInAsyncScope(super.emit, this, name, ...args) as boolean
  }
}

Object.assign(EventEmitter, {
  EventEmitter,
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  errorMonitor,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
  usingDomains,
})
export default EventEmitter
