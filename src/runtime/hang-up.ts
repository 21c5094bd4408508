/**
 * Whether the caller is still there. What an AbortSignal says too, at a fraction of its cost: every call has
 * one, and nearly none ever fires. One part listens at a time.
 */
export class HangUp {
  #gone = false
  #listener: (() => void) | null = null

  get gone(): boolean {
    return this.#gone
  }

  /** Called once when the caller hangs up, at once if it has; null: nobody listens any more. */
  set listener(listener: (() => void) | null) {
    this.#listener = listener
    if (this.#gone) this.fire()
  }

  fire(): void {
    this.#gone = true
    const listener = this.#listener
    this.#listener = null
    listener?.()
  }
}

/** For hosts that have a signal only. */
export function hangUpOf(signal: AbortSignal): HangUp {
  const hangUp = new HangUp()
  if (signal.aborted) hangUp.fire()
  else signal.addEventListener('abort', () => hangUp.fire(), { once: true })
  return hangUp
}
