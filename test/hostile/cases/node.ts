import {
  ANSWERED,
  BROKEN,
  type Case,
  CONTAINED,
  contained,
  OUT_OF_MEMORY,
  overdue,
  THREW,
  TIMED_OUT,
  text,
  UNSENDABLE,
} from '../case.ts'

const { short: SHORT, long: LONG } = CONTAINED

/** Functions that do wrong what only the whole Node lets them. */
export const WHOLE_NODE: readonly Case[] = [
  ...overdue('ignores-signals', 'catches-everything', 'waits-for-a-child'),
  contained('exits', LONG, BROKEN),
  contained('aborts', LONG, BROKEN),
  contained('exits-in-odd-ways', LONG, BROKEN),
  contained('kills-itself', LONG, BROKEN),
  contained('kills-the-others', LONG, ANSWERED, BROKEN),
  contained('stops-itself', SHORT, TIMED_OUT),
  contained('throws-later', LONG, THREW),
  contained('removes-listeners', SHORT, THREW, BROKEN, TIMED_OUT),
  contained('leaves-children', LONG, ANSWERED),
  contained('fork-bomb', SHORT, TIMED_OUT, OUT_OF_MEMORY, BROKEN),
  contained('threads-without-end', SHORT, TIMED_OUT, OUT_OF_MEMORY, BROKEN),
  contained('thread-takes-all-memory', LONG, OUT_OF_MEMORY),
  contained('memory-bomb', LONG, OUT_OF_MEMORY),
  contained('heap-bomb', LONG, OUT_OF_MEMORY),
  contained('memory-bomb-in-child', LONG, OUT_OF_MEMORY, THREW),
  contained('closes-descriptors', LONG, BROKEN),
  contained('writes-to-descriptors', LONG, UNSENDABLE, BROKEN),
  { ...contained('patches-the-runner', SHORT, ANSWERED, THREW, UNSENDABLE, BROKEN, TIMED_OUT), spoils: true },
  { ...contained('patches-files', SHORT, ANSWERED, BROKEN, TIMED_OUT), spoils: true },
  contained('fills-its-disk', LONG, THREW, OUT_OF_MEMORY),
  contained('removes-its-files', LONG, ANSWERED),
  contained('opens-files-without-end', LONG, THREW),
  contained('tampers-with-environment', LONG, ANSWERED),
  contained('writes-a-heap-snapshot', LONG, ANSWERED, OUT_OF_MEMORY, THREW),
  contained('opens-an-inspector', LONG, ANSWERED, THREW),
]

/** Those of the isolates, in a container: the same functions, the same ends, but for what a whole process fills first. */
export const FROM_ISOLATES: readonly Case[] = [
  ...overdue(
    'busy-loop',
    'busy-loop-after-await',
    'never-answers',
    'regexp-backtrack',
    'atomics-wait',
    'wasm-busy-loop',
    'prints-for-ever',
  ),
  // The heap of a container with so little memory may be full of promises first.
  contained('microtask-flood', SHORT, TIMED_OUT, OUT_OF_MEMORY),
  contained(
    'busy-loop',
    { timeout_ms: 10_000, cpu_ms: 200 },
    { status: 500, code: 'function_killed', kill: 'cpu' },
  ),
  contained('memory-bomb', LONG, OUT_OF_MEMORY),
  contained('closure-bomb', LONG, OUT_OF_MEMORY),
  contained('wasm-memory-bomb', LONG, OUT_OF_MEMORY, THREW),
  contained('answers-cycle', LONG, UNSENDABLE),
  contained('endless-recursion', LONG, THREW),
  contained('giant-header', LONG, UNSENDABLE),
  contained('injects-headers', LONG, UNSENDABLE),
  contained('throws-odd-things', LONG, THREW),
  { ...contained('body-without-end', LONG, text(/^x/)), read: 5_000_000 },
  { ...contained('print-flood', LONG, text('printed')), log: /lines dropped/ },
]
