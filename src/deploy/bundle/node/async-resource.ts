import { type AnyFunction, currentFrame, type Frame, inFrame } from './async-frame.ts'

/** @see https://nodejs.org/api/async_context.html#class-asyncresource */
export class AsyncResource {
  readonly type: string
  readonly #frame: Frame = currentFrame()

  constructor(type: string) {
    this.type = type
  }

  static bind<F extends AnyFunction>(work: F, type = 'bound-anonymous-fn', receiver?: unknown): F {
    return new AsyncResource(type).bind(work, receiver)
  }

  bind<F extends AnyFunction>(work: F, receiver?: unknown): F {
    const resource = this
    return function (this: unknown, ...args: unknown[]) {
      return resource.runInAsyncScope(work, receiver ?? this, ...args)
    } as F
  }

  runInAsyncScope(work: AnyFunction, receiver?: unknown, ...args: unknown[]): unknown {
    return inFrame(this.#frame, () => work.apply(receiver, args))
  }

  emitDestroy(): this {
    return this
  }

  asyncId(): number {
    return 0
  }

  triggerAsyncId(): number {
    return 0
  }
}
