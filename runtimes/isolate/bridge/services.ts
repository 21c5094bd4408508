import { createCompression } from './compression.ts'
import { Lane } from './lanes.ts'
import { createSubtle } from './subtle.ts'
import { isHeavy } from './subtle-limits.ts'

/** One thing that the host does for an isolate; its arguments come from the author's code and are checked here. */
export type Service = (args: unknown[]) => unknown

/** Operations of one isolate that are under way or wait; the prelude keeps far below both. */
const MAX_OPEN = 1024
const MAX_OPEN_BYTES = 67_108_864
/** Operations of one isolate that run at a time. */
const LIGHT = 2
const HEAVY = 1
/** The process has four threads for all its isolates: work that takes long never gets all of them. */
const heavyOfAll = new Lane(2)
/** These only forget something. */
const AT_ONCE = new Set(['subtle.release', 'zlib.close'])

export interface Services {
  serve(service: string, args: unknown[]): Promise<unknown>
  /** For what the isolate waits; null where the argument makes no sense, or the other way has to be taken. */
  now(service: unknown, argument: unknown): unknown
}

/**
 * What one isolate may ask for that takes time. Everything it holds is this isolate's alone.
 * @param isOpen whether the isolate is still there: what waits for one that is gone is not begun
 */
export function createServices(isOpen: () => boolean): Services {
  const subtle = createSubtle()
  const table = new Map<string, Service>([...subtle.services, ...createCompression()])
  const light = new Lane(LIGHT)
  const heavy = new Lane(HEAVY)
  let open = 0
  let openBytes = 0

  async function serve(service: string, args: unknown[]): Promise<unknown> {
    const found = table.get(service)
    if (found === undefined) throw new Error(`There is no service "${service}"`)
    if (AT_ONCE.has(service)) return found(args)
    const bytes = bytesIn(args)
    if (open >= MAX_OPEN || (open > 0 && openBytes + bytes > MAX_OPEN_BYTES))
      throw new Error(
        `Cannot do "${service}": at most ${MAX_OPEN} operations with ${MAX_OPEN_BYTES} bytes may be under way`,
      )
    open++
    openBytes += bytes
    const work = () => {
      if (!isOpen()) throw new Error(`Cannot do "${service}": the isolate is gone`)
      return found(args)
    }
    try {
      return await (isHeavy(service, args, bytes) ? heavy.run(() => heavyOfAll.run(work)) : light.run(work))
    } finally {
      open--
      openBytes -= bytes
    }
  }

  return { serve, now: subtle.now }
}

function bytesIn(args: unknown[]): number {
  let bytes = 0
  for (const arg of args) if (ArrayBuffer.isView(arg)) bytes += arg.byteLength
  return bytes
}
