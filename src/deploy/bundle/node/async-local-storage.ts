import { type AnyFunction, bound, currentFrame, enterFrame, inFrame } from './async-frame.ts'

// An engine without Node gives no hook on `await`. So bundles that hold this class have their async functions
// lowered to promises (see lowering.ts), and here every way a callback can be put off carries its frame.

let carrying = false

function carryFrames(): void {
  if (carrying) return
  carrying = true
  const { then } = Promise.prototype
  // biome-ignore lint/suspicious/noThenProperty: replacing this one method is the point
  Promise.prototype.then = function (this: Promise<unknown>, onFulfilled, onRejected) {
    return then.call(this, carried(onFulfilled), carried(onRejected)) as never
  }
  // The guest follows its calls by them, to know whose line is printed.
  const offered = { current: currentFrame, within: inFrame }
  Object.defineProperty(globalThis, Symbol.for('faas.async-frames'), { value: offered, configurable: true })
  const scope = globalThis as unknown as Record<string, AnyFunction | undefined>
  for (const name of ['queueMicrotask', 'setTimeout', 'setInterval', 'setImmediate']) {
    const original = scope[name]
    if (original === undefined) continue
    scope[name] = (work: AnyFunction, ...rest) => original.call(globalThis, carried(work), ...rest)
  }
}

function carried<T>(work: T): T {
  return typeof work === 'function' ? (bound(work as unknown as AnyFunction) as unknown as T) : work
}

/** @see https://nodejs.org/api/async_context.html#class-asynclocalstorage */
export class AsyncLocalStorage<T> {
  readonly name: string
  readonly #fallback: T | undefined

  constructor(options: { defaultValue?: T; name?: string } = {}) {
    carryFrames()
    this.name = options.name ?? ''
    this.#fallback = options.defaultValue
  }

  static bind<F extends AnyFunction>(work: F): F {
    return bound(work)
  }

  static snapshot(): <R>(work: (...args: never[]) => R, ...args: never[]) => R {
    const frame = currentFrame()
    return (work, ...args) => inFrame(frame, () => work(...args))
  }

  getStore(): T | undefined {
    const frame = currentFrame()
    return frame.has(this) ? (frame.get(this) as T) : this.#fallback
  }

  run<R, A extends unknown[]>(store: T, work: (...args: A) => R, ...args: A): R {
    return inFrame(new Map(currentFrame()).set(this, store), () => work(...args))
  }

  exit<R, A extends unknown[]>(work: (...args: A) => R, ...args: A): R {
    const frame = new Map(currentFrame())
    frame.delete(this)
    return inFrame(frame, () => work(...args))
  }

  enterWith(store: T): void {
    enterFrame(new Map(currentFrame()).set(this, store))
  }

  disable(): void {
    const frame = new Map(currentFrame())
    frame.delete(this)
    enterFrame(frame)
  }
}
