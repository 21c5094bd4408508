import { type Case, greedy, OUT_OF_MEMORY, THREW, TIMED_OUT, UNSENDABLE } from '../case.ts'

/** Functions that take memory. */
export const MEMORY: readonly Case[] = [
  ...greedy(
    'memory-bomb',
    'string-bomb',
    'pad-end-bomb',
    'map-bomb',
    'closure-bomb',
    'structured-clone-bomb',
    'code-bomb',
  ),
  // V8 refuses a buffer that does not fit with a RangeError, which the function sees; the rest is the limit's.
  ...[
    'buffer-bomb',
    'stream-queue-bomb',
    'shared-buffer-bomb',
    'resizable-buffer-bomb',
    'growable-buffer-bomb',
    'bigint-bomb',
    'wasm-memory-bomb',
    'wasm-memory-grows',
    'wasm-table-bomb',
    'blob-bomb',
    'gigabyte-string-answer',
    'zip-bomb',
  ].map((name) => ({
    name,
    limits: { timeout_ms: 15_000, memory_mb: 32 },
    answers: [OUT_OF_MEMORY, THREW],
  })),
  {
    name: 'wasm-memory-grows-inside',
    limits: { timeout_ms: 3000, memory_mb: 32 },
    answers: [OUT_OF_MEMORY, TIMED_OUT],
  },
  {
    name: 'json-stringify-bomb',
    limits: { timeout_ms: 15_000, memory_mb: 32 },
    answers: [OUT_OF_MEMORY, UNSENDABLE],
  },
]
