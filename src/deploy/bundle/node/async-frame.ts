// What a piece of work carries from where it was begun to where it goes on: AsyncLocalStorage and AsyncResource
// are both made of it.

/** The values of all storages at one moment; replaced as a whole, never changed. */
export type Frame = ReadonlyMap<object, unknown>

let current: Frame = new Map()

export function currentFrame(): Frame {
  return current
}

export function enterFrame(frame: Frame): void {
  current = frame
}

/** Calls with a frame in force, and puts back the one before however the call ends. */
export function inFrame<T>(frame: Frame, work: () => T): T {
  const before = current
  current = frame
  try {
    return work()
  } finally {
    current = before
  }
}

// biome-ignore lint/suspicious/noExplicitAny: it wraps callbacks of any shape
export type AnyFunction = (this: any, ...args: any[]) => any

/** The function, to run later in the frame of now. */
export function bound<F extends AnyFunction>(work: F): F {
  const frame = current
  return function (this: unknown, ...args: unknown[]) {
    return inFrame(frame, () => work.apply(this, args))
  } as F
}
