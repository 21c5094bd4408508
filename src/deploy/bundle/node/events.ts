// `node:events` where there is no Node: unenv's emitter, with the two functions its module leaves out.
import { EventEmitter } from 'unenv/node/events'

export * from 'unenv/node/events'

/** @see https://nodejs.org/api/events.html#eventssetmaxlistenersn-eventtargets */
export const setMaxListeners: typeof EventEmitter.setMaxListeners = (...args) =>
  EventEmitter.setMaxListeners(...args)

/** @see https://nodejs.org/api/events.html#eventslistenercountemitter-eventname */
export function listenerCount(emitter: EventEmitter, name: string | symbol): number {
  return emitter.listenerCount(name)
}

export default EventEmitter
