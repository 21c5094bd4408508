import { exposeInterfaces } from './define.ts'
import { need } from './convert.ts'
import { DOMException } from './dom-exception.ts'
import { Event } from './event.ts'
import { EventTarget, fire, handlerAttribute } from './event-target.ts'
import { afterMilliseconds } from './timers.ts'

const TOKEN = Symbol('AbortSignal')

let abortSignal: (signal: AbortSignal, reason: unknown) => void
let makeSignal: () => AbortSignal

/** https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  #aborted = false
  #reason: unknown = undefined
  /** Signals made of this one by `any`; the sources are always signals that depend on nothing. */
  #dependents: Set<AbortSignal> | null = null
  #sources: Set<AbortSignal> | null = null

  static {
    makeSignal = () => new AbortSignal(TOKEN)
    abortSignal = (signal, reason) => {
      if (signal.#aborted) return
      const marked = [signal]
      signal.#mark(reason)
      for (const dependent of signal.#dependents ?? []) {
        if (dependent.#aborted) continue
        dependent.#mark(signal.#reason)
        marked.push(dependent)
      }
      signal.#dependents = null
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
      if (!(one instanceof AbortSignal)) throw new TypeError('AbortSignal.any: every item must be an AbortSignal')
    const signal = makeSignal()
    const aborted = list.find((one) => one.#aborted)
    if (aborted !== undefined) {
      signal.#mark(aborted.#reason)
      return signal
    }
    signal.#sources = new Set()
    for (const one of list) {
      for (const source of one.#sources ?? [one]) {
        signal.#sources.add(source)
        source.#dependents ??= new Set()
        source.#dependents.add(signal)
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
