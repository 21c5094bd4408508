import {
  BROKEN,
  type Case,
  type Expected,
  OUT_OF_MEMORY,
  THREW,
  TIMED_OUT,
  text,
  UNSENDABLE,
} from '../case.ts'

/** A container may have to be started for the call within it. */
const SHORT = { timeout_ms: 2500, memory_mb: 128 }
const LONG = { timeout_ms: 15_000, memory_mb: 128 }
const ANSWERED = text(/answered/)

function node(name: string, limits: Case['limits'], ...answers: Expected[]): Case {
  return { name, limits, answers, within: Number(limits.timeout_ms) + 6000 }
}

function late(...names: string[]): Case[] {
  return names.map((name) => node(name, SHORT, TIMED_OUT))
}

/** Functions that do wrong what only the whole Node lets them. */
export const WHOLE_NODE: readonly Case[] = [
  ...late('ignores-signals', 'catches-everything', 'waits-for-a-child'),
  node('exits', LONG, BROKEN),
  node('aborts', LONG, BROKEN),
  node('exits-in-odd-ways', LONG, BROKEN),
  node('kills-itself', LONG, BROKEN),
  node('kills-the-others', LONG, ANSWERED, BROKEN),
  node('stops-itself', SHORT, TIMED_OUT),
  node('throws-later', LONG, THREW),
  node('removes-listeners', SHORT, THREW, BROKEN, TIMED_OUT),
  node('leaves-children', LONG, ANSWERED),
  node('fork-bomb', SHORT, TIMED_OUT, OUT_OF_MEMORY, BROKEN),
  node('threads-without-end', SHORT, TIMED_OUT, OUT_OF_MEMORY, BROKEN),
  node('thread-takes-all-memory', LONG, OUT_OF_MEMORY),
  node('memory-bomb', LONG, OUT_OF_MEMORY),
  node('heap-bomb', LONG, OUT_OF_MEMORY),
  node('memory-bomb-in-child', LONG, OUT_OF_MEMORY, THREW),
  node('closes-descriptors', LONG, BROKEN),
  node('writes-to-descriptors', LONG, UNSENDABLE, BROKEN),
  { ...node('patches-the-runner', SHORT, ANSWERED, THREW, UNSENDABLE, BROKEN, TIMED_OUT), spoils: true },
  { ...node('patches-files', SHORT, ANSWERED, BROKEN, TIMED_OUT), spoils: true },
  node('fills-its-disk', LONG, THREW, OUT_OF_MEMORY),
  node('removes-its-files', LONG, ANSWERED),
  node('opens-files-without-end', LONG, THREW),
  node('tampers-with-environment', LONG, ANSWERED),
  node('writes-a-heap-snapshot', LONG, ANSWERED, OUT_OF_MEMORY, THREW),
  node('opens-an-inspector', LONG, ANSWERED, THREW),
]

/** Those of the isolates, in a container: the same functions, the same ends, but for what a whole process fills first. */
export const FROM_ISOLATES: readonly Case[] = [
  ...late(
    'busy-loop',
    'busy-loop-after-await',
    'never-answers',
    'regexp-backtrack',
    'atomics-wait',
    'wasm-busy-loop',
    'prints-for-ever',
  ),
  // The heap of a container with so little memory may be full of promises first.
  node('microtask-flood', SHORT, TIMED_OUT, OUT_OF_MEMORY),
  node(
    'busy-loop',
    { timeout_ms: 10_000, cpu_ms: 200 },
    { status: 500, code: 'function_killed', kill: 'cpu' },
  ),
  node('memory-bomb', LONG, OUT_OF_MEMORY),
  node('closure-bomb', LONG, OUT_OF_MEMORY),
  node('wasm-memory-bomb', LONG, OUT_OF_MEMORY, THREW),
  node('answers-cycle', LONG, UNSENDABLE),
  node('endless-recursion', LONG, THREW),
  node('giant-header', LONG, UNSENDABLE),
  node('injects-headers', LONG, UNSENDABLE),
  node('throws-odd-things', LONG, THREW),
  { ...node('body-without-end', LONG, text(/^x/)), read: 5_000_000 },
  { ...node('print-flood', LONG, text('printed')), log: /lines dropped/ },
]
