/** What the shared classes need of a platform's events. */
export interface EventTools {
  /** Dispatches an event of the platform's own. */
  fire(target: EventTarget, event: Event): void
  /** Adds `onname` to an interface. */
  attribute(prototype: EventTarget, name: string): void
  /** Runs the action as a task: with no script below it, after all that was waiting when it was queued. */
  queueTask(action: () => void): void
}

/** Constants as Web IDL has them: on the interface and on its prototype, read-only. */
export function defineConstants(type: { prototype: object }, values: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(values)) {
    for (const holder of [type, type.prototype])
      Object.defineProperty(holder, key, { value, enumerable: true })
  }
}
