import { readFileSync } from 'node:fs'

/** What a hostile function's call is answered with. */
export interface Expected {
  readonly status: number
  /** The problem's code, where it is one. */
  readonly code?: string
  readonly kill?: string
  /** Its body, or how that begins; checked where there is no problem. */
  readonly text?: string | RegExp
}

/** One hostile function: its file is named after what it does, and with `?calm` it answers `calm` or the like. */
export interface Case {
  readonly name: string
  readonly limits: Readonly<Record<string, unknown>>
  /** Any of them is right: where the first of several limits to be passed is a matter of the machine. */
  readonly answers: readonly Expected[]
  /** What the callback's log must have after it. */
  readonly log?: RegExp
  /** The reason that the ledger gives for the instance that went, where the answer does not say it. */
  readonly exit?: string
  /** Its instance may be of no more use to it: the next one is. */
  readonly spoils?: boolean
  /** The answer's body breaks off. */
  readonly cut?: boolean
  /** Longest until the answer, where it is not the time limit and what `LATE` adds. Milliseconds. */
  readonly within?: number
  /** The answer is read to this many bytes, and then given up. */
  readonly read?: number
}

/** How much later than its own time limit an answer may be: the machine is shared with the neighbours' load. */
export const LATE = 2000

/** Long enough for a cold start on a busy machine: the calm call after it has the same limit. */
const SHORT = { timeout_ms: 800 }
const SMALL = { timeout_ms: 15_000, memory_mb: 32 }

export const TIMED_OUT: Expected = { status: 504, code: 'function_timeout', kill: 'timeout' }
export const OUT_OF_MEMORY: Expected = { status: 500, code: 'function_killed', kill: 'memory' }
/** It broke the platform inside its own isolate so far that that was ended. */
export const BROKEN: Expected = { status: 500, code: 'function_killed', kill: 'crash' }
export const THREW: Expected = { status: 500, code: 'function_threw' }
export const UNSENDABLE: Expected = { status: 502, code: 'answer_unsendable' }

/** It keeps a thread or never ends: the clock ends it. */
export function endless(...names: string[]): Case[] {
  return names.map((name) => ({ name, limits: SHORT, answers: [TIMED_OUT] }))
}

/** It takes all the memory that there is: the limit ends it, or refuses it more. */
export function greedy(...names: string[]): Case[] {
  return names.map((name) => ({ name, limits: SMALL, answers: [OUT_OF_MEMORY] }))
}

/** It answers something, or not, and nothing more comes of it. */
export function harmless(name: string, ...answers: Expected[]): Case {
  return { name, limits: { timeout_ms: 2000 }, answers }
}

/** A plain answer. */
export function text(body: string | RegExp, status = 200): Expected {
  return { status, text: body }
}

export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/functions/${name}.js`, import.meta.url), 'utf8')
}

/** Limits in containers: one may have to be started for the call within them. */
export const CONTAINED = {
  short: { timeout_ms: 2500, memory_mb: 128 },
  long: { timeout_ms: 15_000, memory_mb: 128 },
} as const
/** What functions in containers answer that did their worst and live on. */
export const ANSWERED = text(/answered/)

/** One in a container. */
export function contained(name: string, limits: Case['limits'], ...answers: Expected[]): Case {
  return { name, limits, answers, within: Number(limits.timeout_ms) + 6000 }
}

/** Those in containers that the clock ends. */
export function overdue(...names: string[]): Case[] {
  return names.map((name) => contained(name, CONTAINED.short, TIMED_OUT))
}
