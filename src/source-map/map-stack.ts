import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'

/** A place in the author's source or in a library, 1-based. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

const MAX_FRAMES = 50
/** Longer stacks are cut before they are read: a hostile one must cost little. */
const MAX_STACK = 65_536

/**
 * Rewrites the frames of `main.js` to where the author wrote them (`callback.ts:L:C`), and drops the frames
 * of the runtime itself: everything that is not `main.js`. Frames that are mapped already stay, so mapping
 * twice does no harm. Never throws: without a usable map the frames are dropped and the message stays.
 * @param stack as V8 prints it
 * @param map the text of `main.js.map`
 */
export function mapStack(stack: string, map: string): string {
  const lines = stack.slice(0, MAX_STACK).split('\n')
  const first = lines.findIndex(isFrame)
  if (first === -1) return lines.join('\n')
  const trace = traceMap(map)
  const frames = lines
    .slice(first)
    .filter(isFrame)
    .flatMap((line) => mapFrame(line, trace))
  return [...lines.slice(0, first), ...frames.slice(0, MAX_FRAMES)].join('\n')
}

/** Where a place in `main.js` (1-based) comes from; null where the map does not say. Never throws. */
export function originalPosition(map: string, place: { line: number; column: number }): Position | null {
  const trace = traceMap(map)
  return trace === null ? null : original(trace, place)
}

/** The topmost frame of a mapped stack that lies in the author's own file, if any. */
export function authorPosition(mappedStack: string): Position | null {
  for (const line of mappedStack.split('\n')) {
    const place = isFrame(line) ? placeOf(line) : null
    if (place?.file === 'callback.ts') return { file: place.file, line: place.line, column: place.column }
  }
  return null
}

function isFrame(line: string): boolean {
  return /^ {4}at ./.test(line)
}

interface Frame extends Position {
  readonly caller: string
  readonly async: boolean
}

function placeOf(frame: string): Frame | null {
  // Without a caller, V8 puts `async ` right before the place.
  const match = /^ {4}at (?:(.*?) \(|(async ))?([^()]*?):(\d+):(\d+)\)?$/.exec(frame)
  if (match === null) return null
  return {
    caller: match[1] ?? '',
    async: match[2] !== undefined,
    file: match[3]!,
    line: Number(match[4]),
    column: Number(match[5]),
  }
}

function mapFrame(frame: string, trace: TraceMap | null): string[] {
  const place = placeOf(frame)
  if (place === null) return []
  if (isMapped(place.file)) return [frame]
  if (!isMain(place.file) || trace === null) return []
  const position = original(trace, place)
  if (position === null || !isMapped(position.file)) return []
  const at = `${position.file}:${position.line}:${position.column}`
  return [`    at ${place.caller === '' ? `${place.async ? 'async ' : ''}${at}` : `${place.caller} (${at})`}`]
}

function original(trace: TraceMap, place: { line: number; column: number }): Position | null {
  try {
    const found = originalPositionFor(trace, { line: place.line, column: Math.max(0, place.column - 1) })
    if (found.source === null) return null
    return { file: found.source, line: found.line, column: found.column + 1 }
  } catch {
    return null
  }
}

function isMain(file: string): boolean {
  return /(?:^|[/\\])main\.js(?:\?[^/\\]*)?$/.test(file)
}

function isMapped(file: string): boolean {
  return file === 'callback.ts' || /^node_(?:modules|builtins)\//.test(file)
}

// A function that throws on every call must not have its map parsed on every call.
const CACHED_MAPS = 16
const cache = new Map<string, TraceMap | null>()

function traceMap(map: string): TraceMap | null {
  const cached = cache.get(map)
  if (cached !== undefined) {
    cache.delete(map)
    cache.set(map, cached)
    return cached
  }
  let trace: TraceMap | null
  try {
    trace = new TraceMap(map)
  } catch {
    trace = null
  }
  cache.set(map, trace)
  if (cache.size > CACHED_MAPS) cache.delete(cache.keys().next().value!)
  return trace
}
