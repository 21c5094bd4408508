/**
 * How deep functions of gateways have called one another, carried from hop to hop in the header that RFC 8586
 * defines for it: `CDN-Loop: faas-gateway; depth=3`. A function cannot take it away: the gateway sets it on
 * everything that a function sends.
 */
export const LOOP_HEADER = 'cdn-loop'
/** Calls of calls that go this deep are refused. */
export const MAX_DEPTH = 8

const OWN = 'faas-gateway'
const ENTRY = /(?:^|,)[ \t]*faas-gateway[ \t]*;[ \t]*depth=(\d{1,6})[ \t]*(?=,|$)/gi

/** The depth that a header's value tells; 0 without one. */
export function loopDepth(value: string | null): number {
  if (value === null) return 0
  let depth = 0
  for (const match of value.matchAll(ENTRY)) depth = Math.max(depth, Number(match[1]))
  return depth
}

/** The header's value for what a call of this depth sends out; what other systems wrote there is kept. */
export function deeperLoop(value: string | null, depth: number): string {
  const others =
    value === null
      ? ''
      : value
          .replace(ENTRY, '')
          .replace(/^[ \t]*,|,[ \t]*$/g, '')
          .trim()
  const own = `${OWN}; depth=${depth + 1}`
  return others === '' ? own : `${others}, ${own}`
}
