const PLACE = /(?:\(|, |at (?:async )?)([^()\s,]+):(\d+):(\d+)\)?$/gm
/** What this platform's own code is called. */
const OWN = 'prelude.js'

interface Place {
  filename?: string
  lineno?: number
  colno?: number
}

/** Where an error comes from, as `ErrorEvent` tells it; for what has no stack of its own, where it is reported. */
export function placeOf(error: unknown): Place {
  try {
    const own = error instanceof Error ? firstPlace(error.stack) : null
    return own ?? firstPlace(new Error().stack) ?? {}
  } catch {
    // A getter of the author's threw: there is no place then.
    return {}
  }
}

function firstPlace(stack: unknown): Place | null {
  if (typeof stack !== 'string') return null
  for (const [, filename, line, column] of stack.matchAll(PLACE))
    if (filename !== OWN) return { filename: filename!, lineno: Number(line), colno: Number(column) }
  return null
}
