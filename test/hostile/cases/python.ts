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

/** A container or a worker may have to be started for the call within it. */
const SHORT = { timeout_ms: 2000, memory_mb: 128 }
const LONG = { timeout_ms: 15_000, memory_mb: 128 }
const ANSWERED = text(/answered/)

function python(name: string, limits: Case['limits'], ...answers: Expected[]): Case {
  return { name, limits, answers, within: Number(limits.timeout_ms) + 6000 }
}

function late(...names: string[]): Case[] {
  return names.map((name) => python(name, SHORT, TIMED_OUT))
}

/** Python functions that do wrong whatever Python lets them. */
export const PYTHON: readonly Case[] = [
  ...late(
    'busy-loop',
    'busy-loop-in-coroutine',
    'sleeps',
    'never-awaits',
    'regexp-backtrack',
    'prints-for-ever',
    'ignores-signals',
    'catches-everything',
    'daemon-and-busy-loop',
  ),
  python(
    'busy-loop',
    { timeout_ms: 10_000, cpu_ms: 200 },
    { status: 500, code: 'function_killed', kill: 'cpu' },
  ),
  python('lowers-its-limits', { timeout_ms: 5000 }, BROKEN, TIMED_OUT),
  python('big-number', SHORT, TIMED_OUT, THREW),
  python('fork-bomb', SHORT, TIMED_OUT, OUT_OF_MEMORY, BROKEN),
  python('thread-bomb', SHORT, TIMED_OUT, OUT_OF_MEMORY, THREW, BROKEN),
  python('memory-bomb', LONG, OUT_OF_MEMORY),
  python('memory-bomb-in-child', LONG, OUT_OF_MEMORY),
  python('endless-recursion', LONG, THREW),
  python('recursion-without-limit', LONG, BROKEN, OUT_OF_MEMORY, THREW),
  { ...python('print-flood', LONG, text('"printed"')), log: /lines dropped/ },
  python('prints-huge-line', LONG, text('"printed"')),
  python('exits-at-once', LONG, BROKEN),
  python('exits-politely', LONG, THREW),
  python('raises-odd-things', LONG, THREW),
  python('raises-stop-iteration', LONG, THREW),
  python('raises-keyboard-interrupt', LONG, THREW),
  python('closes-its-event-loop', SHORT, THREW, BROKEN, TIMED_OUT),
  python('threads-that-never-end', LONG, ANSWERED),
  python('leaves-daemons', LONG, ANSWERED),
  python('stops-the-others', LONG, ANSWERED),
  python('stops-the-others-and-exits', LONG, BROKEN),
  { ...python('kills-the-others', LONG, ANSWERED, BROKEN), exit: 'crash' },
  python('closes-descriptors', LONG, BROKEN),
  python('writes-to-descriptors', LONG, UNSENDABLE),
  python('answers-twice', LONG, ANSWERED, UNSENDABLE, BROKEN),
  python('huge-answer', LONG, OUT_OF_MEMORY),
  python('huge-answer', { timeout_ms: 30_000, memory_mb: 1024 }, text(/^"xxx/)),
  { ...python('endless-generator', LONG, text(/^x/)), read: 5_000_000 },
  { ...python('generator-stalls', SHORT, text('first')), cut: true },
  // What came before the break may be dropped with the connection.
  { ...python('generator-raises', LONG, text(/^(first)?$/)), cut: true, log: /in the middle/ },
  { ...python('generator-of-odd-pieces', LONG, text(/^(first)?$/)), cut: true },
  python('injects-headers', LONG, UNSENDABLE),
  python('injects-header-names', LONG, UNSENDABLE),
  python('giant-header', LONG, UNSENDABLE),
  python('odd-status', LONG, UNSENDABLE),
  python('answers-with-looping-dict', LONG, UNSENDABLE),
  python('tampers-with-environment', LONG, ANSWERED),
  { ...python('patches-builtins', LONG, ANSWERED, THREW, UNSENDABLE, BROKEN), spoils: true },
  { ...python('patches-the-runner', SHORT, ANSWERED, THREW, UNSENDABLE, BROKEN, TIMED_OUT), spoils: true },
  python('executes-another-program', SHORT, BROKEN, TIMED_OUT),
  python('reads-memory-of-the-hub', LONG, text('"found []"')),
  python('null-pointer', LONG, BROKEN),
  python('deep-json-answer', LONG, UNSENDABLE, BROKEN, text(/^\[\[\[/)),
  python('answers-cycle', LONG, UNSENDABLE),
  python('answers-with-odd-types', LONG, UNSENDABLE, THREW, text('x')),
  python('fills-its-disk', LONG, THREW),
  python('removes-its-files', LONG, ANSWERED),
  python('opens-files-without-end', LONG, THREW),
  python('loops-at-exit', LONG, ANSWERED),
]
