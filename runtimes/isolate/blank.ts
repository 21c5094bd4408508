import ivm from 'isolated-vm'
import { type BridgeHooks, bindBridge, type Entry } from './bind.ts'

/** What isolates are made from: the prelude's code, and a snapshot of it where that passed its self-test. */
export interface Prelude {
  readonly code: string
  readonly snapshot: ivm.ExternalCopy<ArrayBuffer> | null
}

/** An isolate with the whole web platform and no function yet. */
export interface Blank {
  readonly isolate: ivm.Isolate
  readonly context: ivm.Context
  readonly entry: Entry
  readonly hooks: BridgeHooks
  readonly memoryMb: number
}

/** Functions with the default memory limit take a blank that waits; others get one made for them. */
export const DEFAULT_MEMORY_MB = 128

/** Pauses before the stock is filled up again after a start, and between two blanks. Milliseconds. */
const QUIET_MS = 20
const BETWEEN_MS = 2

/** Makes one blank isolate. Synchronous: 5 to 9 ms from a snapshot. */
export function makeBlank(
  prelude: Prelude,
  memoryMb: number,
  onCatastrophe: (detail: string) => void,
): Blank {
  const isolate = new ivm.Isolate({
    memoryLimit: memoryMb,
    ...(prelude.snapshot === null ? {} : { snapshot: prelude.snapshot }),
    onCatastrophicError: onCatastrophe,
  })
  const context = isolate.createContextSync()
  if (prelude.snapshot === null) context.evalSync(prelude.code, { filename: 'prelude.js' })
  const hooks: BridgeHooks = { send: () => undefined, wake: () => undefined, deliver: () => undefined }
  const entry = bindBridge(context, hooks)
  return { isolate, context, entry, hooks, memoryMb }
}

/**
 * Snapshots were seen to come back with corrupted one-character strings on some pairs of Node and isolated-vm:
 * a snapshot counts only when this line survives it.
 */
export const SELF_TEST = 'globalThis.__faas_self_test = "qZ:/".split("")'

export function snapshotSurvives(snapshot: ivm.ExternalCopy<ArrayBuffer>): boolean {
  const isolate = new ivm.Isolate({ snapshot })
  try {
    const check =
      'const t = globalThis.__faas_self_test; Array.isArray(t) && t.join("|") === "q|Z|:|/" && t.every((c) => c.length === 1)'
    return isolate.createContextSync().evalSync(check) === true
  } catch {
    return false
  } finally {
    isolate.dispose()
  }
}

/** Keeps a few blanks ahead of need, made when the process has nothing better to do. */
export class BlankStock {
  readonly #prelude: Prelude
  readonly #size: number
  readonly #onCatastrophe: (detail: string) => void
  readonly #ready: Blank[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(prelude: Prelude, size: number, onCatastrophe: (detail: string) => void) {
    this.#prelude = prelude
    this.#size = size
    this.#onCatastrophe = onCatastrophe
  }

  take(memoryMb: number): Blank {
    const ready = memoryMb === DEFAULT_MEMORY_MB ? this.#ready.shift() : undefined
    const blank = ready ?? makeBlank(this.#prelude, memoryMb, this.#onCatastrophe)
    this.fill(QUIET_MS)
    return blank
  }

  /**
   * One blank a turn, so that calls come in between. Making one takes the thread for milliseconds: it waits until
   * no function has been started for a while, lest the start that took a blank pays for the next one.
   */
  fill(afterMs = 0): void {
    clearTimeout(this.#timer)
    if (this.#ready.length >= this.#size) return
    this.#timer = setTimeout(() => {
      this.#ready.push(makeBlank(this.#prelude, DEFAULT_MEMORY_MB, this.#onCatastrophe))
      this.fill(BETWEEN_MS)
    }, afterMs)
  }
}
