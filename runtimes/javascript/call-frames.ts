/** A call, as what it has put off remembers it. */
export interface CallMark {
  readonly id: number
  readonly requestId: string
}

/** Follows calls wherever they go on, where the host itself can: then nothing of whose a line is has to be guessed. */
export interface CallFollower {
  within<T>(mark: CallMark, work: () => T): T
  /** The call of the running code; it may have ended. */
  current(): CallMark | null
}

/** What a bundle offers whose calls can be followed through promises: one that holds AsyncLocalStorage. */
interface Frames {
  current(): ReadonlyMap<unknown, unknown>
  within<T>(frame: ReadonlyMap<unknown, unknown>, work: () => T): T
}

/** Where such a bundle puts it. */
const FRAMES = Symbol.for('faas.async-frames')
const CALL = {}

const framesOf = () => (globalThis as { [FRAMES]?: Frames })[FRAMES]

/** Runs the work so that what it puts off still belongs to the call, where that can be had. */
export function withinCall<T>(id: number, work: () => T): T {
  const frames = framesOf()
  return frames === undefined ? work() : frames.within(new Map(frames.current()).set(CALL, id), work)
}

/** The call that the running code belongs to, where that can be had. */
export function callOfFrame(): number | undefined {
  return framesOf()?.current().get(CALL) as number | undefined
}
