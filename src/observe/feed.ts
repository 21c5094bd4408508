import type { DeployFeed, DeployMessage } from '../deploy/deployer.ts'

/** A feed in memory: each listener hears every message in order, and one that throws harms nobody. */
export function createFeed(): DeployFeed {
  const listeners = new Set<(message: DeployMessage) => void>()
  return {
    publish(message) {
      for (const listener of listeners) {
        try {
          listener(message)
        } catch {
          // What a listener does with a message is its own affair: the build goes on.
        }
      }
    },
    subscribe(listener) {
      // A wrapper of its own, so that one function may listen twice and end one of the two.
      const own = (message: DeployMessage): void => listener(message)
      listeners.add(own)
      return () => {
        listeners.delete(own)
      }
    },
  }
}
