import { elapsed } from './clock.ts'
import { need, toDictionary, toDOMString } from './convert.ts'
import { constants, exposeInterfaces } from './define.ts'

/** What `EventTarget` may do to an event and scripts may not. */
export interface EventState {
  target: unknown
  currentTarget: unknown
  phase: number
  dispatching: boolean
  stopped: boolean
  stoppedImmediately: boolean
  passive: boolean
  canceled: boolean
  trusted: boolean
}

let stateOfEvent: (event: Event) => EventState

/** An own property that cannot be taken away, with one getter for all. */
const IS_TRUSTED: PropertyDescriptor & ThisType<Event> = {
  get: {
    isTrusted(this: Event): boolean {
      return stateOfEvent(this).trusted
    },
  }.isTrusted,
  enumerable: true,
}

/** https://dom.spec.whatwg.org/#event */
export class Event {
  #type: string
  #bubbles: boolean
  #cancelable: boolean
  readonly #composed: boolean
  readonly #timeStamp = elapsed()
  readonly #state: EventState = {
    target: null,
    currentTarget: null,
    phase: 0,
    dispatching: false,
    stopped: false,
    stoppedImmediately: false,
    passive: false,
    canceled: false,
    trusted: false,
  }

  static {
    stateOfEvent = (event) => event.#state
  }

  constructor(type: unknown, init: unknown = undefined) {
    need(arguments.length, 1, 'Event')
    const { bubbles, cancelable, composed } = toDictionary(init, 'Event')
    this.#type = toDOMString(type)
    this.#bubbles = Boolean(bubbles)
    this.#cancelable = Boolean(cancelable)
    this.#composed = Boolean(composed)
    Object.defineProperty(this, 'isTrusted', IS_TRUSTED)
  }

  get type(): string {
    return this.#type
  }
  get target(): unknown {
    return this.#state.target
  }
  get srcElement(): unknown {
    return this.#state.target
  }
  get currentTarget(): unknown {
    return this.#state.currentTarget
  }
  get eventPhase(): number {
    return this.#state.phase
  }
  get bubbles(): boolean {
    return this.#bubbles
  }
  get cancelable(): boolean {
    return this.#cancelable
  }
  get composed(): boolean {
    return this.#composed
  }
  get timeStamp(): number {
    return this.#timeStamp
  }
  get defaultPrevented(): boolean {
    return this.#state.canceled
  }
  get returnValue(): boolean {
    return !this.#state.canceled
  }
  set returnValue(value: unknown) {
    if (!value) this.preventDefault()
  }
  get cancelBubble(): boolean {
    return this.#state.stopped
  }
  set cancelBubble(value: unknown) {
    if (value) this.#state.stopped = true
  }

  composedPath(): unknown[] {
    const { currentTarget } = this.#state
    return currentTarget === null ? [] : [currentTarget]
  }

  stopPropagation(): void {
    this.#state.stopped = true
  }

  stopImmediatePropagation(): void {
    this.#state.stopped = true
    this.#state.stoppedImmediately = true
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#state.passive) this.#state.canceled = true
  }

  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    need(arguments.length, 1, 'initEvent')
    if (this.#state.dispatching) return
    this.#type = toDOMString(type)
    this.#bubbles = Boolean(bubbles)
    this.#cancelable = Boolean(cancelable)
    const state = this.#state
    state.stopped = false
    state.stoppedImmediately = false
    state.canceled = false
    state.target = null
  }
}

export { stateOfEvent }

/** https://dom.spec.whatwg.org/#customevent */
export class CustomEvent extends Event {
  #detail: unknown

  constructor(type: unknown, init: unknown = undefined) {
    need(arguments.length, 1, 'CustomEvent')
    super(type, init)
    this.#detail = toDictionary(init, 'CustomEvent').detail ?? null
  }

  get detail(): unknown {
    return this.#detail
  }

  initCustomEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    detail: unknown = null,
  ): void {
    need(arguments.length, 1, 'initCustomEvent')
    if (stateOfEvent(this).dispatching) return
    this.initEvent(type, bubbles, cancelable)
    this.#detail = detail
  }
}

constants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 })
exposeInterfaces({ Event, CustomEvent })
