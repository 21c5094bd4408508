import { need } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { Event } from './event.ts'
import { EventTarget, fire, handlerAttribute, hasListener, onListenersChanged } from './event-target.ts'
import { afterMilliseconds } from './timers.ts'

const TOKEN = Symbol('AbortSignal')

let abortSignal: (signal: AbortSignal, reason: unknown) => void
let makeSignal: () => AbortSignal

/** https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  #aborted = false
  #reason: unknown = undefined
  /** Signals made of this one by `any`; a signal that lives long must not keep them all. */
  #dependents: WeakRef<AbortSignal>[] = []
  #pruneAt = 32
  /** Those of them that someone listens to. */
  readonly #heard = new Set<AbortSignal>()
  /** What this one was made of: always signals that depend on nothing. */
  #sources: Set<AbortSignal> | null = null

  static {
    onListenersChanged((target, type) => {
      if (type !== 'abort' || !(#sources in target) || target.#aborted) return
      for (const source of target.#sources ?? []) {
        if (hasListener(target, 'abort')) source.#heard.add(target)
        else source.#heard.delete(target)
      }
    })
    makeSignal = () => new AbortSignal(TOKEN)
    abortSignal = (signal, reason) => {
      if (signal.#aborted) return
      const marked = [signal]
      signal.#mark(reason)
      for (const reference of signal.#dependents) {
        const dependent = reference.deref()
        if (dependent === undefined || dependent.#aborted) continue
        dependent.#mark(signal.#reason)
        marked.push(dependent)
      }
      signal.#dependents = []
      signal.#heard.clear()
      for (const one of marked) fire(one, new Event('abort'))
    }
  }

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    super()
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = makeSignal()
    signal.#mark(reason)
    return signal
  }

  static timeout(milliseconds: unknown): AbortSignal {
    need(arguments.length, 1, 'AbortSignal.timeout')
    const delay = Number(milliseconds)
    if (!Number.isFinite(delay) || delay < 0 || delay > Number.MAX_SAFE_INTEGER)
      throw new TypeError('AbortSignal.timeout: the delay must be a number of milliseconds, 0 or more')
    const signal = makeSignal()
    afterMilliseconds(delay, () =>
      abortSignal(signal, new DOMException('The operation timed out', 'TimeoutError')),
    )
    return signal
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    need(arguments.length, 1, 'AbortSignal.any')
    const list = [...signals]
    for (const one of list)
      if (!(one instanceof AbortSignal))
        throw new TypeError('AbortSignal.any: every item must be an AbortSignal')
    const signal = makeSignal()
    const aborted = list.find((one) => one.#aborted)
    if (aborted !== undefined) {
      signal.#mark(aborted.#reason)
      return signal
    }
    signal.#sources = new Set()
    for (const one of list) {
      for (const source of one.#sources ?? [one]) {
        if (signal.#sources.has(source)) continue
        signal.#sources.add(source)
        source.#adopt(signal)
      }
    }
    return signal
  }

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason
  }

  #adopt(dependent: AbortSignal): void {
    if (this.#dependents.length >= this.#pruneAt) {
      this.#dependents = this.#dependents.filter((reference) => reference.deref() !== undefined)
      this.#pruneAt = Math.max(32, this.#dependents.length * 2)
    }
    this.#dependents.push(new WeakRef(dependent))
  }

  #mark(reason: unknown): void {
    this.#aborted = true
    this.#reason = reason === undefined ? new DOMException('The operation was aborted', 'AbortError') : reason
  }
}

/** https://dom.spec.whatwg.org/#interface-abortcontroller */
export class AbortController {
  readonly #signal = makeSignal()

  get signal(): AbortSignal {
    return this.#signal
  }

  abort(reason: unknown = undefined): void {
    abortSignal(this.#signal, reason)
  }
}

export { abortSignal, makeSignal }

handlerAttribute(AbortSignal.prototype, 'abort')
exposeInterfaces({ AbortSignal, AbortController })
